package io.gatehouse.core.country;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.access.Cidr;
import io.gatehouse.core.WithoutPackages;
import io.gatehouse.core.fixture.CountryFile;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaxMindCountriesTest {

  private static final Map<String, String> WORLD =
      Map.of("192.0.2.0/24", "DE", "198.51.100.7", "FR", "2001:db8::/32", "JP", "203.0.113.0/24", "");

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file = Files.write(folder.resolve("countries.mmdb"), CountryFile.of(WORLD));
  }

  @Test
  void an_address_is_in_the_country_of_its_network_again_and_again() throws Exception {
    MaxMindCountries countries = MaxMindCountries.open(file);

    for (int i = 0; i < 2; i++) {
      assertThat(of(countries, "192.0.2.1")).contains("DE");
      assertThat(of(countries, "192.0.2.255")).contains("DE");
      assertThat(of(countries, "198.51.100.7")).contains("FR");
      assertThat(of(countries, "198.51.100.8")).isEmpty();
      assertThat(of(countries, "2001:db8:1::1")).contains("JP");
      assertThat(of(countries, "2001:db9::1")).isEmpty();
      assertThat(of(countries, "203.0.113.9")).isEmpty();
    }
  }

  @Test
  void a_client_behind_a_translator_is_where_its_own_address_is() throws Exception {
    assertThat(of(MaxMindCountries.open(file), "64:ff9b::198.51.100.7")).contains("FR");
  }

  @Test
  void a_file_of_ipv4_knows_nothing_of_the_rest() throws Exception {
    Files.write(file, CountryFile.ipv4(Map.of("192.0.2.0/24", "DE")));
    MaxMindCountries countries = MaxMindCountries.open(file);

    assertThat(of(countries, "192.0.2.1")).contains("DE");
    assertThat(of(countries, "2001:db8::1")).isEmpty();
  }

  @Test
  void what_is_no_such_file_is_refused_with_a_word_on_what_was_expected() throws Exception {
    byte[] whole = CountryFile.of(WORLD);

    refused(new byte[0]);
    refused("a letter to my friends".getBytes());
    refused(Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> MaxMindCountries.open(folder))
        .isInstanceOf(CountryFileException.class)
        .hasMessage(folder + ": cannot be read");
    assertThatThrownBy(() -> MaxMindCountries.open(folder.resolve("none")))
        .isInstanceOf(CountryFileException.class)
        .hasMessage(folder.resolve("none") + ": no such file");
  }

  private void refused(byte[] content) throws Exception {
    Files.write(file, content);
    assertThatThrownBy(() -> MaxMindCountries.open(file))
        .isInstanceOf(CountryFileException.class)
        .hasMessage(file + ": no MaxMind DB, or a broken one (expected: a .mmdb file with countries)");
  }

  @Test
  void a_file_that_was_replaced_is_read_when_it_is_left_alone() throws Exception {
    MaxMindCountries countries = MaxMindCountries.open(file);
    assertThat(of(countries, "192.0.2.1")).contains("DE");

    CountryFile.replace(file, Map.of("192.0.2.0/24", "AT"));
    countries.look();
    assertThat(of(countries, "192.0.2.1")).contains("DE");
    countries.look();

    assertThat(of(countries, "192.0.2.1")).contains("AT");
    assertThat(of(countries, "198.51.100.7")).isEmpty();
  }

  @Test
  void while_the_file_is_broken_or_away_the_countries_stay_as_they_were() throws Exception {
    MaxMindCountries countries = MaxMindCountries.open(file);

    Files.writeString(file, "half of a downl");
    countries.look();
    countries.look();
    assertThat(of(countries, "192.0.2.1")).contains("DE");
    Files.delete(file);
    countries.look();
    countries.look();
    assertThat(of(countries, "192.0.2.1")).contains("DE");

    Files.write(file, CountryFile.of(Map.of("192.0.2.0/24", "AT")));
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(5)));
    countries.look();
    countries.look();
    assertThat(of(countries, "192.0.2.1")).contains("AT");
  }

  @Test
  void without_the_reader_it_says_what_to_add() throws Exception {
    Class<?> without = new WithoutPackages(getClass().getClassLoader(), "com.maxmind")
        .loadClass("io.gatehouse.core.country.MaxMindCountries");

    assertThatThrownBy(() -> without.getMethod("open", Path.class).invoke(null, file))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("For countries add com.maxmind.db:maxmind-db to the class path");
  }

  private static Optional<String> of(MaxMindCountries countries, String address) {
    return countries.countryOf(Cidr.address(address));
  }
}
