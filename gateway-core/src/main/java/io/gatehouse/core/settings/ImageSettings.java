package io.gatehouse.core.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How requests for images are signed, policed and queued.
 *
 * @param pairs of keys and salts of imgproxy, at least one; the first signs
 * @param signatureSize of imgproxy's signatures in bytes, 1 to 32; default 32
 * @param secret what imgproxy wants as a bearer token; default nothing
 * @param pool the name of the pool whose backends are imgproxy; default {@code default}
 * @param path what signed URLs begin with, whole segments; default {@code /i}
 * @param endlessUrls whether signed URLs without an end are taken; default false
 * @param negotiation what imgproxy chooses by besides the path
 * @param policy what may be asked for
 * @param tenants policies of single tenants, no two of the same
 * @param queue who waits for the backends
 */
public record ImageSettings(
    List<Pair> pairs,
    int signatureSize,
    Optional<Secret> secret,
    String pool,
    String path,
    boolean endlessUrls,
    Negotiation negotiation,
    Policy policy,
    List<Tenant> tenants,
    Queue queue) {

  /**
   * What imgproxy's signatures are made with.
   *
   * @param key hexadecimal
   * @param salt hexadecimal
   */
  public record Pair(Secret key, Secret salt) {
    public Pair {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(salt, "salt");
    }
  }

  /**
   * What imgproxy chooses by besides the path.
   *
   * @param normalize whether it gets of {@code Accept} what makes a difference; default true
   * @param autoFormats what it chooses by {@code Accept}: of avif, webp, jxl; default all of them
   * @param clientHints whether it heeds {@code DPR} and {@code Width}, which it does not get otherwise; default false
   */
  public record Negotiation(boolean normalize, List<String> autoFormats, boolean clientHints) {
    public Negotiation {
      autoFormats = List.copyOf(autoFormats);
    }
  }

  /**
   * What may be asked for.
   *
   * @param sources where pictures may come from, with {@code {tenant}} and {@code {user}} for who asks;
   *     default nowhere
   * @param encryptedSources whether sources may be such that only imgproxy can read; default false
   * @param presets options by name; default none
   * @param onlyPresets whether nothing else may be written; default false
   * @param maxWidth pixels across, 1 or more; default 4096
   * @param maxHeight pixels down, 1 or more; default 4096
   * @param maxMegapixels in all, 1 or more; default 17
   * @param maxDpr 1 or more; default 4
   * @param maxBlur sigma, 0 or more; default 50
   * @param maxSharpen sigma, 0 or more; default 10
   * @param formats that may be asked for; empty: all but SVG; default all but SVG
   * @param grant options that are refused otherwise; default none
   * @param refuse further options that are refused; default none
   * @param impose options that are put behind; default none
   */
  public record Policy(
      List<String> sources,
      boolean encryptedSources,
      Map<String, String> presets,
      boolean onlyPresets,
      int maxWidth,
      int maxHeight,
      int maxMegapixels,
      int maxDpr,
      int maxBlur,
      int maxSharpen,
      List<String> formats,
      List<String> grant,
      List<String> refuse,
      Optional<String> impose) {
    public Policy {
      sources = List.copyOf(sources);
      presets = Map.copyOf(presets);
      formats = List.copyOf(formats);
      grant = List.copyOf(grant);
      refuse = List.copyOf(refuse);
      Objects.requireNonNull(impose, "impose");
    }
  }

  /**
   * What is different for a tenant; what is empty is not.
   *
   * @param presets the names of those that it may use
   */
  public record Tenant(
      String name,
      Optional<List<String>> sources,
      Optional<List<String>> presets,
      Optional<List<String>> formats,
      Optional<Integer> maxMegapixels) {
    public Tenant {
      Objects.requireNonNull(name, "name");
      sources = sources.map(List::copyOf);
      presets = presets.map(List::copyOf);
      formats = formats.map(List::copyOf);
      Objects.requireNonNull(maxMegapixels, "maxMegapixels");
    }
  }

  /**
   * Who waits for the backends.
   *
   * @param places requests at backends at once, 0 or more; 0: any number; default 0
   * @param mostWaiting requests that wait, 0 or more; default 1000
   * @param mostWaitingOfOne of them of one tenant, 0 or more; default 100
   * @param mostWait how long one waits, 1 ms to 5 m; default 5 s
   */
  public record Queue(int places, int mostWaiting, int mostWaitingOfOne, Duration mostWait) {
    public Queue {
      Objects.requireNonNull(mostWait, "mostWait");
    }
  }

  public ImageSettings {
    pairs = List.copyOf(pairs);
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("pairs: none (expected: at least one)");
    }
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(pool, "pool");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(negotiation, "negotiation");
    Objects.requireNonNull(policy, "policy");
    tenants = List.copyOf(tenants);
    Objects.requireNonNull(queue, "queue");
  }
}
