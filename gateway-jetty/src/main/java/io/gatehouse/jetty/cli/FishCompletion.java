package io.gatehouse.jetty.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Writes a script with which fish completes the commands; picocli makes those of bash and zsh. */
final class FishCompletion {

  /** The words of the command line before the cursor that are no options, compared with those of a command. */
  private static final String FUNCTIONS =
      """
      function __gatehouse_words
          set -l words (commandline -opc)
          for word in $words[2..]
              string match -q -- '-*' $word; or echo $word
          end
      end

      function __gatehouse_in
          set -l words (__gatehouse_words)
          test (count $words) -ge (count $argv); or return 1
          for i in (seq (count $argv))
              test "$words[$i]" = "$argv[$i]"; or return 1
          end
      end

      function __gatehouse_at
          test (count (__gatehouse_words)) -eq (count $argv); and __gatehouse_in $argv
      end

      complete -c gatehouse -f
      """;

  private final StringBuilder script = new StringBuilder(FUNCTIONS);

  private FishCompletion() {}

  static String of(CommandLine root) {
    FishCompletion completion = new FishCompletion();
    completion.add(root, "");
    return completion.script.toString();
  }

  /** @param words that lead to the command, with a space before each */
  private void add(CommandLine command, String words) {
    for (Map.Entry<String, CommandLine> each : new TreeMap<>(command.getSubcommands()).entrySet()) {
      CommandSpec spec = each.getValue().getCommandSpec();
      script.append("complete -c gatehouse -n '__gatehouse_at").append(words).append("' -a ").append(each.getKey())
          .append(" -d ").append(quoted(first(spec.usageMessage().description()))).append('\n');
    }
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (!option.inherited() && !option.hidden()) {
        add(option, words);
      }
    }
    new TreeMap<>(command.getSubcommands()).forEach((name, sub) -> add(sub, words + " " + name));
  }

  private void add(OptionSpec option, String words) {
    script.append("complete -c gatehouse -n '__gatehouse_in").append(words).append('\'');
    for (String name : option.names()) {
      script.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    List<String> choices = choices(option);
    if (!choices.isEmpty()) {
      script.append(" -x -a ").append(quoted(String.join(" ", choices)));
    } else if (option.arity().max() > 0) {
      script.append(option.paramLabel().contains("FILE") ? " -r -F" : " -x");
    }
    script.append(" -d ").append(quoted(first(option.description()))).append('\n');
  }

  private static List<String> choices(OptionSpec option) {
    return option.type().isEnum()
        ? Arrays.stream(option.type().getEnumConstants()).map(each -> each.toString().toLowerCase(Locale.ROOT)).toList()
        : List.of();
  }

  private static String first(String[] lines) {
    return lines.length == 0 ? "" : lines[0];
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
