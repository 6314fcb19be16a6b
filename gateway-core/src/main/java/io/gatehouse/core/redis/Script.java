package io.gatehouse.core.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * A Lua script among the resources of this package, called by its digest. Redis forgets scripts when it restarts, fails
 * over or is told to; the text is then sent again, once, with the call itself.
 */
final class Script {

  private final String text;
  private final String digest;

  private Script(String text) {
    this.text = text;
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      this.digest = HexFormat.of().formatHex(sha1.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** The scripts in the resources {@code name.lua}, one after the other. */
  static Script named(String... names) {
    return new Script(Arrays.stream(names).map(Script::read).collect(Collectors.joining()));
  }

  private static String read(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
      if (in == null) {
        throw new IllegalStateException("resource: " + name + ".lua (expected: in the jar of gateway-core)");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs and answers what the script replies. */
  Object run(UnifiedJedis client, List<String> keys, List<String> arguments) {
    try {
      return client.evalsha(digest, keys, arguments);
    } catch (JedisNoScriptException e) {
      return client.eval(text, keys, arguments);
    }
  }

  /** Runs a script whose reply is a list of whole numbers. */
  List<Long> numbers(UnifiedJedis client, List<String> keys, List<String> arguments) {
    return ((List<?>) run(client, keys, arguments)).stream().map(Long.class::cast).toList();
  }
}
