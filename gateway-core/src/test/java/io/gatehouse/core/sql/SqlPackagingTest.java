package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The room works from whatever jar it was packed into, and names the library that is missing. */
class SqlPackagingTest {

  @TempDir
  Path directory;

  @Test
  void migrations_are_found_in_a_jar_even_if_it_lists_no_directories() throws Exception {
    Path classes = classes();
    Path jar = directory.resolve("shaded.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> files = Files.walk(classes)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(each).toString().replace(File.separatorChar, '/')));
        Files.copy(each, out);
      }
    }

    try (URLClassLoader loader = loader(jar, "")) {
      Object database = open(loader);
      try (AutoCloseable closing = (AutoCloseable) database) {
        Object migration = database.getClass().getMethod("migrate").invoke(closing);
        assertThat(migration.toString()).matches("Migration\\[applied=[1-9][0-9]*, version=[0-9]{3}]");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sqlite-jdbc, org.xerial:sqlite-jdbc", "jooq-3, org.jooq:jooq", "HikariCP, com.zaxxer:HikariCP",
    "flyway-core, org.flywaydb:flyway-core"
  })
  void a_missing_library_is_named(String missing, String coordinate) throws Exception {
    try (URLClassLoader loader = loader(classes(), missing)) {
      Throwable failure = null;
      try {
        open(loader);
      } catch (InvocationTargetException e) {
        failure = e.getCause();
      }

      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("missing library: add " + coordinate + " to the class path");
    }
  }

  private Object open(ClassLoader loader) throws ReflectiveOperationException {
    Object builder = loader.loadClass(SqlDatabase.class.getName())
        .getMethod("sqlite", Path.class)
        .invoke(null, directory.resolve("gatehouse.db"));
    return builder.getClass().getMethod("open").invoke(builder);
  }

  /**
   * The class path of the test, with {@code room} for the classes under test, and without the named library.
   */
  private static URLClassLoader loader(Path room, String missing)
      throws MalformedURLException, URISyntaxException {
    List<URL> path = new ArrayList<>();
    path.add(room.toUri().toURL());
    String classes = classes().toString();
    for (String each : Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator))) {
      if (!each.equals(classes) && (missing.isEmpty() || !each.contains(missing))) {
        path.add(Path.of(each).toUri().toURL());
      }
    }
    return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static Path classes() throws URISyntaxException {
    return Path.of(SqlDatabase.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
