package io.gatehouse.core.country;

import com.maxmind.db.Reader;
import io.gatehouse.access.Cidr;
import io.gatehouse.access.Countries;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Countries out of a MaxMind DB file (MaxMind DB File Format Specification 2.0) whose records have {@code country.iso_code}:
 * GeoLite2-Country, GeoIP2-City and the like. The whole file is held in memory, so that it may be overwritten in place.
 *
 * <p>A look-up is a walk over the bits of the address and the reading of one record; the last {@value #REMEMBERED} addresses or
 * so are remembered. Any number of threads; only {@link #look} and opening read the file.
 */
public final class MaxMindCountries implements Countries {

  private static final Logger log = LoggerFactory.getLogger(MaxMindCountries.class);
  private static final int REMEMBERED = 4096;

  /** Strews addresses that differ in their last bits only. */
  private static final int STREWN = 0x9e3779b1;

  private final Path file;
  private volatile Loaded loaded;

  /** That of the last look. Guarded by this. */
  private Stamp seen;

  /** That of the file which was read, or found to be of no use. Guarded by this. */
  private Stamp read;

  /** Tells one state of the file from another; equal only to what was neither written nor replaced meanwhile. */
  private record Stamp(long size, FileTime modified, @Nullable Object key) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }
  }

  private record Known(InetAddress address, Optional<String> country) {}

  /** One content of the file, and what was asked of it. */
  private record Loaded(Reader reader, boolean ipv6, AtomicReferenceArray<Known> recent) {}

  private MaxMindCountries(Path file, Stamp stamp, Loaded loaded) {
    this.file = file;
    this.seen = stamp;
    this.read = stamp;
    this.loaded = loaded;
  }

  /**
   * Reads a file.
   *
   * @throws CountryFileException when it cannot be read or is none
   * @throws IllegalStateException when MaxMind's reader is not on the class path; the message says what to add
   */
  public static MaxMindCountries open(Path file) throws CountryFileException {
    Objects.requireNonNull(file, "file");
    try {
      Stamp stamp = Stamp.of(file);
      return new MaxMindCountries(file, stamp, load(file));
    } catch (NoSuchFileException e) {
      throw new CountryFileException(file, "no such file", e);
    } catch (CountryFileException e) {
      throw e;
    } catch (IOException e) {
      throw new CountryFileException(file, "cannot be read", e);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException("For countries add com.maxmind.db:maxmind-db to the class path", e);
    }
  }

  private static Loaded load(Path file) throws CountryFileException {
    try {
      Reader reader = new Reader(file.toFile(), Reader.FileMode.MEMORY);
      boolean ipv6 = reader.getMetadata().getIpVersion() == 6;
      Loaded loaded = new Loaded(reader, ipv6, new AtomicReferenceArray<>(REMEMBERED));
      lookUp(loaded, Cidr.address("192.0.2.1"));
      lookUp(loaded, Cidr.address("2001:db8::1"));
      return loaded;
    } catch (IOException | RuntimeException e) {
      if (!Files.isReadable(file) || Files.isDirectory(file)) {
        throw new CountryFileException(file, "cannot be read", e);
      }
      throw new CountryFileException(file, "no MaxMind DB, or a broken one (expected: a .mmdb file with countries)", e);
    }
  }

  /**
   * Reads the file again if it has changed and was left alone between two looks. One that is of no use is told once, and
   * what was read before stays. To be called now and then, by any thread.
   */
  public synchronized void look() {
    try {
      Stamp now = Stamp.of(file);
      boolean settled = now.equals(seen);
      seen = now;
      if (!settled || now.equals(read)) {
        return;
      }
      read = now;
      loaded = load(file);
      log.info("Countries are read again from {}", file);
    } catch (CountryFileException e) {
      log.warn("The countries stay as they were: {}", e.getMessage());
    } catch (IOException e) {
      log.debug("{} cannot be looked at for now", file, e);
    }
  }

  @Override
  public Optional<String> countryOf(InetAddress address) {
    Loaded now = loaded;
    int place = address.hashCode() * STREWN >>> Integer.numberOfLeadingZeros(REMEMBERED - 1);
    Known known = now.recent.getAcquire(place);
    if (known != null && known.address.equals(address)) {
      return known.country;
    }
    Optional<String> country;
    try {
      country = lookUp(now, Cidr.folded(address));
    } catch (IOException | RuntimeException e) {
      // A record that is broken says nothing, and nobody is kept out for it.
      log.debug("{} has a broken record", file, e);
      country = Optional.empty();
    }
    now.recent.setRelease(place, new Known(address, country));
    return country;
  }

  private static Optional<String> lookUp(Loaded in, InetAddress address) throws IOException {
    if (address instanceof Inet6Address && !in.ipv6) {
      return Optional.empty();
    }
    Map<?, ?> found = in.reader.get(address, Map.class);
    return found != null && found.get("country") instanceof Map<?, ?> country
            && country.get("iso_code") instanceof String code
        ? Optional.of(code)
        : Optional.empty();
  }
}
