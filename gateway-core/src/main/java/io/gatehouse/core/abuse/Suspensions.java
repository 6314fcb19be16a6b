package io.gatehouse.core.abuse;

import io.gatehouse.StoreException;
import io.gatehouse.access.Block;
import io.gatehouse.access.Blocks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Suspends callers: a block of the gateway's own, in force on this node at once, and kept for all nodes by a thread of its own,
 * so that no request waits for it. One who is suspended already is not suspended again.
 *
 * <p>Bounded: where {@value #QUEUE} suspensions wait to be kept, or the gateway has {@value Blocks#MOST_AUTOMATIC} blocks of
 * its own that have not ended, nobody more is suspended until there is room again; those who are, stay. While the store is
 * away, suspensions hold on this node, and are kept when it is back if they have not ended by then.
 */
public final class Suspensions implements AutoCloseable {

  /** How many suspensions may wait to be kept: {@value}. */
  public static final int QUEUE = 1_000;

  private static final Logger log = LoggerFactory.getLogger(Suspensions.class);
  private static final int AT_ONCE = 50;
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  /** Keeps suspensions for all nodes. */
  @FunctionalInterface
  public interface Ledger {

    /**
     * Keeps what follows from offences, and tells what is in force then, in the same order: a suspension that another node
     * has begun, or one that is longer for what others know; empty where there is no room.
     *
     * @throws StoreException when the store cannot answer; nothing was kept then
     */
    List<Optional<Block>> keep(List<Wanted> wanted);
  }

  /**
   * A suspension that is to be kept.
   *
   * @param block as it is in force on this node
   */
  public record Wanted(Offence offence, Block block) {}

  private final Blocklist blocks;
  private final Ledger ledger;
  private final Supplier<String> ids;
  private final InstantSource clock;
  private final Map<Offence.Cause, LongAdder> made = new EnumMap<>(Offence.Cause.class);
  private final LongAdder dropped = new LongAdder();
  private final BlockingQueue<Wanted> waiting = new ArrayBlockingQueue<>(QUEUE);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "gatehouse-suspensions");
  private volatile Penalties penalties;

  /** What is in force here and not kept yet, by the id of its block. Guarded by this. */
  private final Map<String, Wanted> pending = new LinkedHashMap<>();

  /** When ended blocks were last taken away to make room. Guarded by this. */
  private Instant sweptAt = Instant.EPOCH;

  /** Whether somebody could not be suspended for want of room, and that was told. Guarded by this. */
  private boolean full;

  /** Whether the store did not answer the last time. Of the thread. */
  private boolean failing;

  private Suspensions(
      Blocklist blocks, Ledger ledger, Penalties penalties, Supplier<String> ids, InstantSource clock) {
    this.blocks = blocks;
    this.ledger = ledger;
    this.penalties = penalties;
    this.ids = ids;
    this.clock = clock;
    for (Offence.Cause cause : Offence.Cause.values()) {
      made.put(cause, new LongAdder());
    }
  }

  /**
   * Starts the thread that keeps suspensions.
   *
   * @param ids makes ids of blocks
   */
  public static Suspensions start(
      Blocklist blocks, Ledger ledger, Penalties penalties, Supplier<String> ids, InstantSource clock) {
    Suspensions suspensions = new Suspensions(blocks, ledger, penalties, ids, clock);
    suspensions.thread.setDaemon(true);
    suspensions.thread.start();
    return suspensions;
  }

  /** Goes by these from now on; suspensions that have begun stay as they are. */
  public void become(Penalties changed) {
    penalties = changed;
  }

  /**
   * Suspends somebody, at once on this node. Does not block.
   *
   * @return whether it did: not when they are suspended already, nor when there is no room
   */
  public boolean suspend(Offence offence) {
    Block block;
    synchronized (this) {
      Optional<Block> earlier = blocks.automatic(offence.kind(), offence.value());
      if (earlier.isPresent() && earlier.get().inForceAt(offence.at())) {
        return false;
      }
      if (waiting.remainingCapacity() == 0 || !hasRoom(earlier)) {
        return dropped();
      }
      block = penalties.next(earlier, offence, ids.get());
      Wanted wanted = new Wanted(offence, block);
      blocks.put(block);
      pending.put(block.id(), wanted);
      waiting.add(wanted); // only this method adds, one at a time
      full = false;
    }
    made.get(offence.cause()).increment();
    log.info(
        "Suspended {} {} until {} ({}), strike {}: {} ({})",
        block.kind().name().toLowerCase(Locale.ROOT), block.value(), block.expiresAt().orElseThrow(),
        block.enforcement().name().toLowerCase(Locale.ROOT), block.strikes(), block.reason(), block.id());
    return true;
  }

  /** Strikes that are only remembered give way to suspensions that begin, never the other way. */
  private boolean hasRoom(Optional<Block> earlier) {
    if (earlier.isPresent() || blocks.automaticBlocks() < Blocks.MOST_AUTOMATIC) {
      return true;
    }
    Instant now = clock.instant();
    if (now.isBefore(sweptAt.plus(PAUSE))) {
      return false; // a walk over all blocks for each offence would be a gift to whoever offends
    }
    sweptAt = now;
    blocks.forgetAutomatic(now);
    return blocks.automaticBlocks() < Blocks.MOST_AUTOMATIC;
  }

  private boolean dropped() {
    dropped.increment();
    if (!full) {
      full = true;
      log.warn("No room to suspend more callers: {} suspensions wait, {} blocks are the gateway's own",
          waiting.size(), blocks.automaticBlocks());
    }
    return false;
  }

  /** What is in force here and not kept yet: to be entered again when all blocks are read anew. */
  public synchronized List<Block> pending() {
    return pending.values().stream().map(Wanted::block).toList();
  }

  /** How many callers were suspended for a cause, ever growing. */
  public long made(Offence.Cause cause) {
    return made.get(cause).sum();
  }

  /** How often nobody could be suspended for want of room, ever growing. */
  public long droppedEver() {
    return dropped.sum();
  }

  /** Keeps what waits, if the store answers, and stops. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(FAREWELL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Wanted> batch = new ArrayList<>();
    try {
      while (closing.getCount() > 0) {
        if (batch.isEmpty()) {
          Wanted next = waiting.poll(LOOK.toNanos(), TimeUnit.NANOSECONDS);
          if (next == null) {
            continue;
          }
          batch.add(next);
        }
        waiting.drainTo(batch, AT_ONCE - batch.size());
        if (!tryKeep(batch)) {
          closing.await(PAUSE.toNanos(), TimeUnit.NANOSECONDS);
        }
      }
      waiting.drainTo(batch);
      if (!batch.isEmpty()) {
        tryKeep(batch);
      }
    } catch (InterruptedException e) {
      // Nobody has this thread but us: somebody ends all threads.
      Thread.currentThread().interrupt();
    }
  }

  private boolean tryKeep(List<Wanted> batch) {
    try {
      return keep(batch);
    } catch (RuntimeException e) {
      // Whatever it is, without this thread no suspension would ever be kept again.
      log.error("{} suspensions are in force on this node only", batch.size(), e);
      forget(batch);
      batch.clear();
      return true;
    }
  }

  /** Keeps a batch and empties it. False when the store does not answer: then what has not ended stays in it. */
  private boolean keep(List<Wanted> batch) {
    List<Optional<Block>> kept;
    try {
      kept = ledger.keep(List.copyOf(batch));
    } catch (StoreException e) {
      log.atLevel(failing ? Level.DEBUG : Level.WARN)
          .log("Suspensions cannot be kept and are in force on this node only: {}", e.getMessage());
      failing = true;
      List<Wanted> ended = batch.stream().filter(each -> !each.block().inForceAt(clock.instant())).toList();
      batch.removeAll(ended);
      forget(ended);
      return false;
    }
    if (failing) {
      failing = false;
      log.info("Suspensions are kept again");
    }
    for (int i = 0; i < batch.size(); i++) {
      settle(batch.get(i).block().id(), kept.get(i));
    }
    batch.clear();
    return true;
  }

  /** What is kept is heard of as all changes are; only what is not kept under its id has to go. */
  private synchronized void settle(String id, Optional<Block> kept) {
    pending.remove(id);
    if (kept.isEmpty()) {
      blocks.remove(id);
      dropped();
    } else if (!kept.get().id().equals(id)) {
      blocks.remove(id);
    }
  }

  private synchronized void forget(List<Wanted> batch) {
    batch.forEach(each -> pending.remove(each.block().id()));
  }
}
