package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How nginx is configured and started here, as a backend and as a proxy. */
final class Nginx {

  /** More than a run has, so that no connection ends before it. */
  private static final long REQUESTS_PER_CONNECTION = 1_000_000_000_000L;

  private Nginx() {}

  /** A whole configuration of one worker around the inside of {@code http}. */
  static String configuration(Workplace workplace, String name, String http) {
    Path own = workplace.temporary(name + "/pid").getParent();
    String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
    return """
        %s
        daemon off;
        worker_processes 1;
        pid %s/pid;
        error_log stderr error;
        events { worker_connections 8192; }
        http {
          access_log off;
          keepalive_requests %d;
          keepalive_timeout 1h;
          default_type application/octet-stream;
          client_body_temp_path %s/body;
          proxy_temp_path %s/proxy;
          fastcgi_temp_path %s/fastcgi;
          uwsgi_temp_path %s/uwsgi;
          scgi_temp_path %s/scgi;
        %s
        }
        """.formatted(user, own, REQUESTS_PER_CONNECTION, own, own, own, own, own, http);
  }

  /**
   * A proxy that keeps its connections and never writes a body to the disk, for which its buffers are larger than usual:
   * without that it needs twice the time for large bodies.
   */
  static String proxy(Workplace workplace, String name, int port, List<Integer> backends) {
    StringBuilder servers = new StringBuilder();
    backends.forEach(backend -> servers.append("    server 127.0.0.1:").append(backend).append(";\n"));
    return configuration(workplace, name, """
          upstream backends {
        %s    keepalive 1024;
            keepalive_requests %d;
          }
          server {
            listen 127.0.0.1:%d backlog=4096;
            location / {
              proxy_pass http://backends;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_buffers 16 64k;
              proxy_busy_buffers_size 128k;
              proxy_max_temp_file_size 0;
            }
          }
        """.formatted(servers, REQUESTS_PER_CONNECTION, port));
  }

  static List<String> command(Workplace workplace, String name, String program, String configuration) {
    try {
      Path file = workplace.temporary(name + "/nginx.conf");
      Files.writeString(file, configuration);
      return List.of(program, "-p", file.getParent().toString(), "-c", file.toString(), "-e", "stderr");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String version(String program) {
    return Tools.firstLine(program, "-v").replace("nginx version: ", "");
  }
}
