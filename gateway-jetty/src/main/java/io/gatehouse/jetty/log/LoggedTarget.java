package io.gatehouse.jetty.log;

import io.gatehouse.event.RequestRecord;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the path and, where that is wanted, the query of a request so that no credential is in it: the value
 * of a parameter that is known to hold one is left out, and so are the secret part of what begins like a key
 * of ours, wherever it stands, and the signature of a signed URL. Immutable.
 */
public final class LoggedTarget {

  private static final String MASK = "***";

  /** Names under which credentials travel, in lower case: RFC 6750 (2.3), and the custom of common services. */
  private static final Set<String> CREDENTIALS = Set.of(
      "access_token", "api-key", "api_key", "apikey", "auth", "authorization", "client_secret", "code", "credential",
      "id_token", "jwt", "key", "pass", "password", "passwd", "pwd", "refresh_token", "secret", "session",
      "sessionid", "sig", "sign", "signature", "token", "x-amz-credential", "x-amz-security-token",
      "x-amz-signature", "x-api-key", "x-goog-credential", "x-goog-signature");

  /** Whoever has a signed URL may use it: key, expiry and signature, a segment each. */
  private static final Pattern SIGNED = Pattern.compile("(/[0-9A-Za-z_-]{1,64}/[0-9]{1,11}/)[0-9A-Za-z_-]{43}(?=/)");

  private final boolean query;
  private final Set<String> credentials;
  private final String keyStart;

  /**
   * Says what is written.
   *
   * @param query whether the query is
   * @param keyParameter the parameter that may hold a key of ours; empty when none may
   * @param keyStart what all keys begin with: {@code gk_live_}
   */
  public LoggedTarget(boolean query, String keyParameter, String keyStart) {
    this.query = query;
    this.keyStart = keyStart;
    this.credentials = Stream.concat(CREDENTIALS.stream(), Stream.of(keyParameter.toLowerCase(Locale.ROOT)))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * What may be written of a request, on one line and not too long.
   *
   * @param received the query; empty when there is none
   */
  public String of(String path, String received) {
    String target = query && !received.isEmpty() ? path + "?" + withoutCredentials(received) : path;
    return plain(withoutKeys(withoutSignature(target)), RequestRecord.LONGEST_TARGET);
  }

  /** A path without the signature that makes it a signed URL. */
  static String withoutSignature(String path) {
    Matcher signed = SIGNED.matcher(path);
    return signed.find() ? signed.replaceFirst("$1" + MASK) : path;
  }

  private String withoutCredentials(String received) {
    return Stream.of(received.split("&", -1)).map(this::withoutCredential).collect(Collectors.joining("&"));
  }

  private String withoutCredential(String pair) {
    int equals = pair.indexOf('=');
    if (equals < 0) {
      return pair;
    }
    String name = pair.substring(0, equals);
    return isCredential(name) ? name + "=" + MASK : pair;
  }

  /** What cannot be decoded might be anything. */
  private boolean isCredential(String name) {
    try {
      return credentials.contains(URLDecoder.decode(name, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  private String withoutKeys(String text) {
    int found = text.indexOf(keyStart);
    if (found < 0) {
      return text;
    }
    StringBuilder safe = new StringBuilder();
    int from = 0;
    for (; found >= 0; found = text.indexOf(keyStart, from)) {
      int secret = found + keyStart.length();
      safe.append(text, from, secret).append(MASK);
      from = secret;
      while (from < text.length() && Character.isLetterOrDigit(text.charAt(from))) {
        from++;
      }
    }
    return safe.append(text, from, text.length()).toString();
  }

  /** On one line, printable, and not too long. */
  static String plain(String text, int longest) {
    String begin = text.length() > longest ? text.substring(0, longest) : text;
    for (int i = 0; i < begin.length(); i++) {
      if (!isPlain(begin.charAt(i))) {
        return begin.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
      }
    }
    return begin;
  }

  private static boolean isPlain(char c) {
    return !Character.isISOControl(c) && !Character.isSurrogate(c);
  }
}
