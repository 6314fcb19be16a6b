package io.gatehouse.core.setup;

import io.gatehouse.Entitlement;
import io.gatehouse.core.image.AllowedSource;
import io.gatehouse.core.image.ImageFormat;
import io.gatehouse.core.image.ImageGate;
import io.gatehouse.core.image.ImageLimits;
import io.gatehouse.core.image.ImageOptionName;
import io.gatehouse.core.image.ImageOptions;
import io.gatehouse.core.image.ImagePolicy;
import io.gatehouse.core.settings.ImageSettings;
import io.gatehouse.quota.Meter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * By which policy of images callers are judged: that of the settings, but for what the options of their plan
 * say, but for what the settings say of their tenant. Options of a plan have the names of the settings, with
 * {@code images.} before them.
 *
 * <p>In sources {@code {tenant}} and {@code {user}} stand for the names of who asks; a source with a tenant
 * is no source of those who have none. A plan whose options cannot be read allows nothing: what was meant
 * might be stricter than what is left of it.
 *
 * <p>Any number of threads. Policies are made once and remembered.
 */
final class ImagePolicies implements ImageGate.Policies {
  /** So many are remembered before all are forgotten. */
  private static final int MOST = 10_000;
  private static final String GROUP = "images.";
  private static final String TENANT = "{tenant}";
  private static final String USER = "{user}";
  private static final ImagePolicy NOTHING = ImagePolicy.builder().build();
  private static final Logger log = LoggerFactory.getLogger(ImagePolicies.class);

  private final ImagePolicy usual;
  private final List<String> usualSources;
  private final Map<String, ImageSettings.Tenant> tenants = new HashMap<>();
  private final Map<Caller, ImagePolicy> known = new ConcurrentHashMap<>();

  /** What of a caller makes a difference. */
  private record Caller(Map<String, String> options, Optional<String> tenant, String user) {}

  /** @throws IllegalArgumentException when the settings say what is none of imgproxy's language */
  ImagePolicies(ImageSettings images) {
    ImageSettings.Policy policy = images.policy();
    usualSources = policy.sources();
    usual = ImagePolicy.builder()
        .encrypted(encrypted(policy.encryptedSources()))
        .presets(presets(policy.presets()))
        .writing(writing(policy.onlyPresets()))
        .limits(new ImageLimits(
            policy.maxWidth(), policy.maxHeight(), pixels(policy.maxMegapixels()), policy.maxDpr(), policy.maxBlur(),
            policy.maxSharpen(), ImageLimits.DEFAULT.pipelines()))
        .formats(formats(policy.formats()))
        .granted(options(policy.grant()))
        .refused(options(policy.refuse()))
        .imposed(policy.impose().map(ImageOptions::parse).orElse(ImageOptions.NONE))
        .build();
    images.tenants().forEach(tenant -> tenants.put(tenant.name(), tenant));
    sources(usualSources, Optional.of("t"), "u");
    images.tenants().forEach(tenant -> of(new Caller(Map.of(), Optional.of(tenant.name()), "u")));
  }

  @Override
  public ImagePolicy of(Entitlement caller) {
    Caller who = new Caller(ours(caller.options()), caller.tenant(), caller.subject().user());
    ImagePolicy policy = known.get(who);
    if (policy == null) {
      policy = made(who, caller.plan());
      if (known.size() >= MOST) {
        known.clear();
      }
      known.put(who, policy);
    }
    return policy;
  }

  /** Why an option of a plan cannot be read; empty when it can, or is none of images. */
  Optional<String> fault(String name, String value) {
    if (!name.startsWith(GROUP)) {
      return Optional.empty();
    }
    try {
      of(new Caller(Map.of(name, value), Optional.of("t"), "u"));
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      // Whose name it is stands before it, or that of what is made of it.
      return Optional.of(String.valueOf(e.getMessage()).replaceFirst("^[a-z_.]+: ", ""));
    }
  }

  private ImagePolicy made(Caller who, Optional<String> plan) {
    try {
      return of(who);
    } catch (IllegalArgumentException e) {
      log.error("The plan {} allows no images, since its options cannot be read: {}", plan.orElse(""), e.getMessage());
      return NOTHING;
    }
  }

  private static Map<String, String> ours(Map<String, String> options) {
    boolean any = false;
    for (String name : options.keySet()) {
      any |= name.startsWith(GROUP);
    }
    if (!any) {
      return Map.of();
    }
    Map<String, String> ours = new TreeMap<>(options);
    ours.keySet().removeIf(name -> !name.startsWith(GROUP));
    return Map.copyOf(ours);
  }

  private ImagePolicy of(Caller who) {
    ImagePolicy.Builder policy = usual.with();
    Options plan = new Options(who.options());
    Optional<ImageSettings.Tenant> tenant = who.tenant().map(tenants::get);
    ImageLimits limits = usual.limits();
    long pixels = plan.number("max_megapixels", 1_000_000).map(ImagePolicies::pixels).orElse(limits.pixels());
    policy.limits(new ImageLimits(
        plan.number("max_width", 1_000_000).orElse(limits.width()),
        plan.number("max_height", 1_000_000).orElse(limits.height()),
        tenant.flatMap(ImageSettings.Tenant::maxMegapixels).map(ImagePolicies::pixels).orElse(pixels),
        plan.number("max_dpr", 100).map(Integer::doubleValue).orElse(limits.dpr()),
        plan.number("max_blur", 1000).map(Integer::doubleValue).orElse(limits.blur()),
        plan.number("max_sharpen", 1000).map(Integer::doubleValue).orElse(limits.sharpen()),
        limits.pipelines()));
    plan.words("formats").ifPresent(names -> policy.formats(formats(names)));
    tenant.flatMap(ImageSettings.Tenant::formats).ifPresent(names -> policy.formats(formats(names)));
    plan.words("grant").ifPresent(names -> policy.granted(options(names)));
    plan.words("refuse").ifPresent(names -> policy.refused(options(names)));
    plan.flag("only_presets").ifPresent(only -> policy.writing(writing(only)));
    plan.flag("encrypted_sources").ifPresent(may -> policy.encrypted(encrypted(may)));
    plan.text("impose").ifPresent(text -> policy.imposed(ImageOptions.parse(text)));
    Optional<List<String>> planned = plan.words("presets");
    tenant.flatMap(ImageSettings.Tenant::presets).or(() -> planned)
        .ifPresent(names -> policy.presets(some(usual.presets(), names)));
    List<String> ofPlan = plan.words("sources").orElse(usualSources);
    List<String> sources = tenant.flatMap(ImageSettings.Tenant::sources).orElse(ofPlan);
    plan.requireAllRead();
    return policy.sources(sources(sources, who.tenant(), who.user())).build();
  }

  private static List<AllowedSource> sources(List<String> texts, Optional<String> tenant, String user) {
    List<AllowedSource> sources = new ArrayList<>(texts.size());
    for (String text : texts) {
      if (tenant.isPresent() || !text.contains(TENANT)) {
        sources.add(AllowedSource.parse(text.replace(TENANT, tenant.orElse("")).replace(USER, user)));
      }
    }
    return sources;
  }

  private static Map<String, ImageOptions> presets(Map<String, String> texts) {
    Map<String, ImageOptions> presets = new HashMap<>();
    texts.forEach((name, text) -> presets.put(name, ImageOptions.parse(text)));
    return presets;
  }

  private static Map<String, ImageOptions> some(Map<String, ImageOptions> all, List<String> names) {
    Map<String, ImageOptions> some = new HashMap<>();
    names.forEach(name -> some.put(name, Optional.ofNullable(all.get(name)).orElseThrow(() ->
        new IllegalArgumentException("presets: " + name + " (expected: one of " + all.keySet() + ")"))));
    return some;
  }

  private static Set<ImageFormat> formats(List<String> names) {
    return names.isEmpty() ? EnumSet.complementOf(EnumSet.of(ImageFormat.SVG)) : all(names, "formats", ImageFormat::named);
  }

  private static Set<ImageOptionName> options(List<String> names) {
    return all(names, "options", ImageOptionName::named);
  }

  private static <T> Set<T> all(List<String> names, String what, Function<String, Optional<T>> named) {
    Set<T> all = new LinkedHashSet<>();
    names.forEach(name -> all.add(named.apply(name).orElseThrow(() ->
        new IllegalArgumentException(what + ": " + name + " (expected: one that imgproxy has)"))));
    return all;
  }

  private static ImagePolicy.Encrypted encrypted(boolean may) {
    return may ? ImagePolicy.Encrypted.FORWARDED : ImagePolicy.Encrypted.REFUSED;
  }

  private static ImagePolicy.Writing writing(boolean onlyPresets) {
    return onlyPresets ? ImagePolicy.Writing.PRESETS_ONLY : ImagePolicy.Writing.OPTIONS_AND_PRESETS;
  }

  private static long pixels(int megapixels) {
    return megapixels * Meter.MEGAPIXEL;
  }

  /** The options of a plan while they are read. For one thread. */
  private static final class Options {
    private final Map<String, String> unread;

    Options(Map<String, String> options) {
      unread = new TreeMap<>(options);
    }

    Optional<String> text(String name) {
      return Optional.ofNullable(unread.remove(GROUP + name));
    }

    Optional<List<String>> words(String name) {
      return text(name).map(text -> text.isBlank() ? List.of() : List.of(text.strip().split("\\s*,\\s*")));
    }

    Optional<Integer> number(String name, int most) {
      return text(name).map(text -> {
        if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) > most) {
          throw new IllegalArgumentException(GROUP + name + ": " + text + " (expected: 0 to " + most + ")");
        }
        return Integer.valueOf(text);
      });
    }

    Optional<Boolean> flag(String name) {
      return text(name).map(text -> {
        if (!text.equals("true") && !text.equals("false")) {
          throw new IllegalArgumentException(GROUP + name + ": " + text + " (expected: true or false)");
        }
        return Boolean.valueOf(text);
      });
    }

    void requireAllRead() {
      if (!unread.isEmpty()) {
        String names = String.join(", ", unread.keySet());
        throw new IllegalArgumentException(names + " (expected: options that there are)");
      }
    }
  }
}
