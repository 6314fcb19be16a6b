package io.gatehouse.examples.benchmarks.undertow;

import io.undertow.Undertow;
import io.undertow.server.handlers.resource.PathResourceManager;
import io.undertow.server.handlers.resource.ResourceHandler;
import java.nio.file.Path;

/** Serves the files of a directory, where there is no nginx to do it: {@code directory port...}. */
public final class UndertowBackend {

  private static final long TRANSFERRED_BY_THE_KERNEL_FROM = 64 * 1024;

  private UndertowBackend() {}

  public static void main(String[] arguments) {
    PathResourceManager files = new PathResourceManager(Path.of(arguments[0]), TRANSFERRED_BY_THE_KERNEL_FROM);
    Undertow.Builder server = Undertow.builder().setHandler(new ResourceHandler(files));
    for (int i = 1; i < arguments.length; i++) {
      server.addHttpListener(Integer.parseInt(arguments[i]), "127.0.0.1");
    }
    server.build().start();
  }
}
