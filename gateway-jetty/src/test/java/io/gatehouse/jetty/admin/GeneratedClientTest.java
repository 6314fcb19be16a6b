package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that a public generator (OpenAPI Generator) makes of docs/openapi.json compiles, and can do all there is to do. */
class GeneratedClientTest {

  private static final Path GENERATOR = Path.of("target", "openapi-generator-cli.jar");

  @Test
  void a_generated_client_drives_a_whole_life(@TempDir Path directory) throws Exception {
    Path sources = directory.resolve("sources");
    Path classes = Files.createDirectories(directory.resolve("classes"));
    generate(sources, directory.resolve("generator.log"));
    compile(sources, classes);

    try (RunningAdmin admin = RunningAdmin.start(directory.resolve("data"));
        URLClassLoader loader =
            new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      Object steps =
          loader
              .loadClass("LifeCycle")
              .getMethod("run", String.class, String.class)
              .invoke(null, "http://127.0.0.1:" + admin.port(), RunningAdmin.TOKEN);

      assertThat(steps)
          .isEqualTo(
              List.of(
                  "the same user twice: true",
                  "listed: 1",
                  "replaces: true",
                  "keys: 2",
                  "valid: true, ok",
                  "valid: true, ok",
                  "valid: false, rate-limit-exceeded",
                  "used: 2",
                  "enabled: false",
                  "refused: 400",
                  "weight: 3",
                  "role: viewer",
                  "last: deleteUser by configuration"));
    }
  }

  private static void generate(Path sources, Path log) throws Exception {
    Process generator =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar", GENERATOR.toString(),
                "generate",
                "-g", "java",
                "--library", "native",
                "-i", Path.of("..", "docs", "openapi.json").toString(),
                "-o", sources.toString(),
                "--invoker-package", "client",
                "--api-package", "client.api",
                "--model-package", "client.model",
                "--additional-properties", "openApiNullable=false,useJakartaEe=true",
                // Without models of forms, the code that it makes of a body that may be a form or not does not compile.
                "--global-property",
                "apis,models,supportingFiles,apiDocs=false,modelDocs=false,apiTests=false,modelTests=false,skipFormModel=false")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(generator.waitFor()).as(() -> text(log)).isZero();
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void compile(Path sources, Path classes) throws Exception {
    List<File> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(sources.resolve("src/main/java"))) {
      all.filter(file -> file.toString().endsWith(".java")).map(Path::toFile).forEach(files::add);
    }
    files.add(Path.of("src", "test", "client", "LifeCycle.java").toFile());
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<String> options = List.of("-d", classes.toString(), "-classpath", System.getProperty("java.class.path"), "-proc:none");
      boolean compiled =
          compiler.getTask(messages, manager, null, options, null, manager.getJavaFileObjectsFromFiles(files)).call();

      assertThat(compiled).as(messages.toString()).isTrue();
    }
  }
}
