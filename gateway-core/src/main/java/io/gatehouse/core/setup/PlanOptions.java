package io.gatehouse.core.setup;

import io.gatehouse.core.settings.Settings;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The options of plans that the gateway itself reads: those of images, where images are set up, and
 * {@value #CHARGE_HITS}. All others are for gates and applications that it does not know.
 *
 * <p>Immutable; any number of threads.
 */
public final class PlanOptions {

  private static final String CHARGE_HITS = "cache.charge_hits";

  private final Optional<ImagePolicies> images;

  /** Of a gateway with these settings. */
  public PlanOptions(Settings settings) {
    images = settings.images().map(ImagePolicies::new);
  }

  /**
   * What of options cannot be read.
   *
   * @return by the name of the option, what was found and what was expected; those that can be read are not there
   */
  public Map<String, String> faults(Map<String, String> options) {
    Map<String, String> faults = new TreeMap<>();
    options.forEach((name, value) -> {
      if (name.equals(CHARGE_HITS) && !value.equals("true") && !value.equals("false")) {
        faults.put(name, value + " (expected: true or false)");
      }
      images.flatMap(policies -> policies.fault(name, value)).ifPresent(fault -> faults.put(name, fault));
    });
    return faults;
  }
}
