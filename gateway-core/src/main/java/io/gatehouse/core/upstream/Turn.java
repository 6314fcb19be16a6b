package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One request at one backend: passes on to its member, once, what became of it. */
final class Turn implements Pick {

  private final Member member;
  private final Upstream upstream;
  private final long pickedNanos;
  private final boolean trial;
  private final PoolBreaker.Pass pass;
  private final AtomicBoolean over = new AtomicBoolean();

  /** What its answer said when it began; null until then. */
  private volatile @Nullable Verdict verdict;

  /**
   * @param trial whether it took one of the trials of its backend's breaker
   */
  Turn(Member member, long pickedNanos, boolean trial, PoolBreaker.Pass pass) {
    this.member = member;
    this.upstream = member.upstream();
    this.pickedNanos = pickedNanos;
    this.trial = trial;
    this.pass = pass;
  }

  @Override
  public Upstream upstream() {
    return upstream;
  }

  @Override
  public boolean begins(int status, Duration elapsed) {
    Verdict said = member.begins(status, elapsed);
    verdict = said;
    return said == Verdict.FULL || said == Verdict.FAULT;
  }

  @Override
  public boolean lost() {
    return member.lost(pickedNanos);
  }

  @Override
  public void answered(int status, Duration elapsed) {
    if (over.compareAndSet(false, true)) {
      Verdict said = verdict;
      member.answered(said != null ? said : member.begins(status, elapsed), status, this);
    }
  }

  @Override
  public void failed(Throwable cause) {
    if (over.compareAndSet(false, true)) {
      member.failed(cause, this);
    }
  }

  @Override
  public void abandoned() {
    if (over.compareAndSet(false, true)) {
      member.released(this);
    }
  }

  @Override
  public void outrun(Duration elapsed) {
    if (over.compareAndSet(false, true)) {
      member.outrun(elapsed, this);
    }
  }

  long pickedNanos() {
    return pickedNanos;
  }

  boolean trial() {
    return trial;
  }

  PoolBreaker.Pass pass() {
    return pass;
  }
}
