package io.gatehouse.examples.benchmarks.proxy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import redis.embedded.RedisExecProvider;

/** A Redis and a PostgreSQL of their own, out of Maven's artifacts, for one Gatehouse. */
record Servers(int redisPort, int postgresPort) {

  static Servers start(Workplace workplace, String name) {
    List<Integer> ports = Workplace.freePorts(2);
    try {
      String redis = RedisExecProvider.defaultProvider().get().getPath();
      Child.start(
          workplace,
          name + "-redis",
          List.of(redis, "--port", ports.get(0).toString(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
          Child.Output.LOG);
      workplace.keep(EmbeddedPostgres.builder()
          .setPort(ports.get(1))
          .setOverrideWorkingDirectory(workplace.temporary("postgres/programs").toFile())
          .setDataDirectory(workplace.temporary("postgres/" + name).toFile())
          .start());
      return new Servers(ports.get(0), ports.get(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
