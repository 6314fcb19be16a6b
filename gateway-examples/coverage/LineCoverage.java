import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Says how many lines the tests of all modules have run, one line a module, and fails when one is below the least:
 *
 * <pre>java LineCoverage.java jacoco.csv 80 gateway-api gateway-core</pre>
 */
public final class LineCoverage {

  private LineCoverage() {}

  public static void main(String[] arguments) throws IOException {
    List<String> rows = Files.readAllLines(Path.of(arguments[0]));
    double least = Double.parseDouble(arguments[1]);
    boolean enough = true;
    for (String module : Arrays.copyOfRange(arguments, 2, arguments.length)) {
      double percent = percent(rows, module);
      System.out.printf(Locale.ROOT, "Line coverage of %s: %.1f %%%n", module, percent);
      enough &= percent >= least;
    }
    if (!enough) {
      System.err.printf(Locale.ROOT, "Line coverage is below %.0f %%: see index.html beside %s%n", least, arguments[0]);
      System.exit(1);
    }
  }

  private static double percent(List<String> rows, String module) {
    List<String> columns = List.of(rows.get(0).split(","));
    int missedColumn = columns.indexOf("LINE_MISSED");
    int coveredColumn = columns.indexOf("LINE_COVERED");
    long missed = 0;
    long covered = 0;
    for (String row : rows.subList(1, rows.size())) {
      String[] cells = row.split(",");
      if (cells[0].equals(module) || cells[0].endsWith("/" + module)) {
        missed += Long.parseLong(cells[missedColumn]);
        covered += Long.parseLong(cells[coveredColumn]);
      }
    }
    if (missed + covered == 0) {
      throw new IllegalStateException("no lines of " + module + " in the report");
    }
    return 100.0 * covered / (missed + covered);
  }
}
