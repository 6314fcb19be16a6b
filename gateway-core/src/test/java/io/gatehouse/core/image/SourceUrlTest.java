package io.gatehouse.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceUrlTest {

  @ParameterizedTest
  @CsvSource({
    "http://example.com/a.jpg, http://example.com/a.jpg",
    "http://example.com, http://example.com/",
    "HTTP://EXAMPLE.com./A, http://example.com/A",
    "https://example.com:443/a, https://example.com/a",
    "http://example.com:443/a, http://example.com:443/a",
    "http://example.com/a/./b/../c, http://example.com/a/c",
    "http://example.com/a/%2e%2E/b, http://example.com/b",
    "http://example.com/../../a, http://example.com/a",
    "http://example.com/a/.., http://example.com/",
    "http://example.com/%41%7e%2f, http://example.com/A~%2F",
    "http://example.com/a b, http://example.com/a%20b",
    "http://example.com/ü😀, http://example.com/%C3%BC%F0%9F%98%80",
    "http://example.com/.well-known/..a, http://example.com/.well-known/..a",
    "http://example.com/a?b=/../c d, http://example.com/a?b=/../c%20d",
    "https://example.com?x=1, https://example.com/?x=1",
    "http://xn--bcher-kva.example/a, http://xn--bcher-kva.example/a",
    "http://10.0.0.1/a, http://10.0.0.1/a",
    "http://[2001:DB8::1]:8080/a, http://[2001:db8::1]:8080/a",
    "http://example.com/o/images%2Fa.jpg?alt=media, http://example.com/o/images%2Fa.jpg?alt=media",
    "LOCAL:///tenants/acme/a.jpg, local:///tenants/acme/a.jpg",
    "s3://Bucket/prefix/100%.jpg, s3://Bucket/prefix/100%.jpg",
    "gs://b/ü, gs://b/ü",
    "swift://c, swift://c/",
  })
  void a_source_has_one_spelling(String given, String one) {
    assertThat(SourceUrl.parse(given).url()).isEqualTo(one);
    assertThat(SourceUrl.parse(one).url()).isEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "", "a.jpg", "//example.com/a", "http:/example.com/a", "http:example.com", "ftp://example.com/a",
      "file:///etc/passwd", "data:image/png;base64,AAAA", "javascript://a", " http://example.com/a", "http ://example.com/a",
      "http://", "http:///a", "http://user@example.com/a", "http://example.com@bad.com/a", "http://a:b@example.com",
      "http://example.com%40bad.com/a", "http://example.com\\@bad.com/a", "http://example.com/a\\..\\b",
      "http://exa\tmple.com/", "http://example.com/a\nb", "http://example.com/a\u0000", "http://example.com/a\u0085b",
      "http://example.com:/a", "http://example.com:0/", "http://example.com:65536/", "http://example.com:8o/",
      "http://example.com:80:80/", "http://example..com/", "http://.example.com/", "http://example.com../",
      "http://exämple.com/", "http://example.com\u3002evil.com/", "http://ⓔxample.com/", "http://exa%6Dple.com/",
      "http://exam ple.com/", "http://127.1/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://2130706433/",
      "http://0x7f000001/", "http://127.0.0.1.1/", "http://256.0.0.1/", "http://127.0.0.01/", "http://a.0x/",
      "http://[::1/", "http://[::1]a/", "http://[fe80::1%25eth0]/", "http://[::ffff:127.0.0.1]/", "http://[]/",
      "http://example.com/a#b", "http://example.com#/a", "http://example.com/%zz", "http://example.com/%4",
      "http://example.com/a/%252e%252e/b", "http://example.com/a%2f..%2fb", "http://example.com/a/..%2fb",
      "http://example.com/a/..;/b", "http://example.com/a/..;x=1/b", "http://example.com/a/%2e%2e%3bx/b",
      "http://example.com/a%5c..%5cb", "http://example.com/%25252525252525252525252e",
      "http://example.com/a/%c0%ae%c0%ae/b", "http://example.com/a/%e0%80%ae./b", "http://example.com/a%00.jpg",
      "http://example.com/a%0d%0aHost:%20b", "http://example.com/a/．．/b", "http://example.com/a/%EF%BC%8E%EF%BC%8E/b",
      "http://example.com/a／..／b", "http://example.com/a%E2%88%95..%E2%88%95b",
      "local://tenants/acme/a", "local:/tenants/acme/a", "local:///tenants/../a", "local:///tenants/./a",
      "local:///tenants/%2e%2e/a", "local:///tenants/%252e%252e/a", "local:///a%2f..%2fb", "local:///a?/../b",
      "local:///a#b", "local:///a\\..\\b", "local:///..", "local:///a/..;b/c", "s3:///key", "s3://", "s3://b@c/key",
      "s3://b:80/key", "s3://b%2fc/key", "s3://b/../c/key", "gs://b/a?generation=1", "abs://ü/key"})
  void what_servers_read_differently_is_refused(String url) {
    assertThatThrownBy(() -> SourceUrl.parse(url)).isInstanceOf(ImageSyntaxException.class)
        .hasMessageStartingWith("source: ");
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.com, https://example.com/a/b, true",
    "https://example.com, https://example.com:443/, true",
    "https://example.com, https://EXAMPLE.com./a, true",
    "https://example.com, http://example.com/a, false",
    "https://example.com, https://example.com:8443/a, false",
    "https://example.com, https://example.com.bad.com/a, false",
    "https://example.com, https://www.example.com/a, false",
    "https://example.com, https://badexample.com/a, false",
    "https://*.example.com, https://www.example.com/a, true",
    "https://*.example.com, https://a.b.example.com/a, true",
    "https://*.example.com, https://example.com/a, false",
    "https://*.example.com, https://badexample.com/a, false",
    "https://*.example.com:8443/x, https://a.example.com:8443/x/y, true",
    "https://example.com/photos, https://example.com/photos, true",
    "https://example.com/photos, https://example.com/photos?x, true",
    "https://example.com/photos/, https://example.com/photos/a, true",
    "https://example.com/photos, https://example.com/photosets/a, false",
    "https://example.com/photos, https://example.com/photos/../private/a, false",
    "https://example.com/photos, https://example.com/a/../photos/b, true",
    "https://example.com/photos, https://example.com/Photos/a, false",
    "https://example.com/photos, https://example.com//photos/a, false",
    "https://example.com/photos, https://example.com/%70hotos/a, true",
    "https://example.com/photos, https://example.com/photos%2Fa, false",
    "http://10.0.0.5:8080, http://10.0.0.5:8080/a, true",
    "http://[2001:db8::1], http://[2001:DB8::1]/a, true",
    "http://[2001:db8::1], http://[2001:db8:0::1]/a, false",
    "local:///tenants/acme/, local:///tenants/acme/a.jpg, true",
    "local:///tenants/acme, local:///tenants/acme/a.jpg, true",
    "local:///tenants/acme/, local:///tenants/acme, false",
    "local:///tenants/acme/, local:///tenants/acme/, false",
    "local:///tenants/acme/, local:///tenants/acme2/a.jpg, false",
    "local:///tenants/acme/, local:///tenants/ACME/a.jpg, false",
    "local:///tenants/acme/, local:////tenants/acme/a.jpg, false",
    "local:///tenants/acme/, local:///tenants/%61cme/a.jpg, false",
    "local:///, local:///a, true",
    "s3://bucket/prefix/, s3://bucket/prefix/a, true",
    "s3://bucket/prefix/, s3://bucket//prefix/a, false",
    "s3://bucket/prefix/, s3://bucket2/prefix/a, false",
    "s3://bucket/prefix/, gs://bucket/prefix/a, false",
    "s3://bucket, s3://bucket/a, true",
    "s3://bucket, s3://Bucket/a, false",
  })
  void an_allowed_source_covers_itself_and_what_is_below(String allowed, String url, boolean covered) {
    assertThat(AllowedSource.parse(allowed).covers(SourceUrl.parse(url))).isEqualTo(covered);
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "example.com", "https://*", "https://*.com", "https://*.10.0.0.1", "https://a.*.com", "https://*example.com",
      "https://example.com/?x", "s3://*.bucket.x/", "https://user@example.com", "local://tenants", "ftp://example.com"})
  void a_rule_that_would_not_mean_what_it_says_is_refused(String rule) {
    assertThatIllegalArgumentException().isThrownBy(() -> AllowedSource.parse(rule))
        .withMessageStartingWith("source: ");
  }

  @Test
  void rules_are_equal_when_written_alike() {
    assertThat(AllowedSource.parse("s3://b/c")).isEqualTo(AllowedSource.parse("s3://b/c"))
        .hasSameHashCodeAs(AllowedSource.parse("s3://b/c")).hasToString("s3://b/c")
        .isNotEqualTo(AllowedSource.parse("s3://b/d"));
  }
}
