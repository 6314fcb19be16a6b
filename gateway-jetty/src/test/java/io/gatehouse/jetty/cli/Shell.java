package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Runs commands in this process, in a directory and an environment of its own. */
final class Shell {

  static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();
  private InstantSource clock = InstantSource.fixed(NOW);
  private String in = "";

  Shell(Path directory) {
    this.directory = directory;
    environment.put("GATEHOUSE_DATA_DIR", directory.resolve("data").toString());
  }

  Shell with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** By the clock of the machine instead of one that stands. */
  Shell now() {
    clock = InstantSource.system();
    return this;
  }

  /** What stands on standard input. */
  Shell in(String text) {
    in = text;
    return this;
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  Shell file(String name, String text) {
    try {
      Files.writeString(directory.resolve(name), text);
      return this;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Cli.execute(
            new Surroundings(
                environment,
                directory,
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                new PrintWriter(out),
                new PrintWriter(err),
                false,
                clock,
                (level, format, target) -> {}),
            args);
    return new Result(exit, out.toString(), err.toString());
  }

  /** What a command that must work prints as JSON. */
  JsonNode json(String... args) {
    String[] all = Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--output";
    all[args.length + 1] = "json";
    Result result = run(all);
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    return parse(result.out());
  }

  /** One document and nothing else. */
  static JsonNode parse(String text) {
    try {
      return new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not one JSON document: " + text, e);
    }
  }

  record Result(int exit, String out, String err) {}
}
