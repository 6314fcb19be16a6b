package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table at the head of docs/api.md says which methods each path has. */
class ApiPageTest {

  private static final Pattern ROW = Pattern.compile("(?m)^\\| ([A-Z]+) \\| `/api/v1([^`]+)` \\| .+ \\|$");

  @TempDir Path directory;

  @Test
  void every_path_has_the_methods_that_the_page_says() throws Exception {
    Map<String, Set<String>> page = new TreeMap<>();
    Matcher row = ROW.matcher(Files.readString(Path.of("..", "docs", "api.md")));
    while (row.find()) {
      Set<String> methods = page.computeIfAbsent(row.group(2), path -> new TreeSet<>());
      methods.add(row.group(1));
      if (row.group(1).equals("GET") && !row.group(2).equals("/live")) { // a stream has no head alone
        methods.add("HEAD");
      }
    }
    assertThat(page).hasSize(52);

    try (RunningAdmin admin = RunningAdmin.start(directory)) {
      String key = admin.send("POST", "/keys", "{\"user\":\"" + admin.user("reader") + "\"}").text("key");
      for (Map.Entry<String, Set<String>> entry : page.entrySet()) {
        String path = entry.getKey().replaceAll("\\{[a-z]+}", "x");

        Reply answer =
            path.startsWith("/account")
                ? admin.asHolder(key, "OPTIONS", path, BodyPublishers.noBody())
                : admin.send("OPTIONS", path, BodyPublishers.noBody());
        assertThat(answer.header("Allow"))
            .as(path)
            .isEqualTo(String.join(", ", entry.getValue()));
      }
    }
  }
}
