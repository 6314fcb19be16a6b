package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * How lists are told, all in the same way: so many rows at a time, {@code next} as the cursor of what follows, and the whole
 * address of the next page in {@code Link}.
 */
public final class Page {

  /** How many rows a page has unless the call says it: {@value}. */
  public static final int USUAL = 50;

  /** How many rows a page has at the most: {@value}. */
  public static final int LARGEST = 200;

  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]?|1[0-9][0-9]|200");

  private static final FieldType<Integer> SIZE =
      FieldTypes.text("1 to " + LARGEST, text -> NUMBER.matcher(text).matches()).map(Integer::valueOf);

  private Page() {}

  /** How many rows the call asks for; one more has to be looked for, to know whether there are others. */
  public static int size(Call call) {
    return call.query().get("limit", SIZE).orElse(USUAL);
  }

  /**
   * A page of what was found.
   *
   * @param path of the list, with {@link Operation#ROOT}
   * @param body what stands before the rows
   * @param rows the name of the rows
   * @param found one more than the size when there are others
   * @param cursor of a row
   * @param said what the next page has to be asked for besides what the call has said
   */
  public static <T> Answer answer(
      Call call,
      String path,
      ObjectNode body,
      String rows,
      int size,
      List<T> found,
      Function<T, ObjectNode> json,
      Function<T, String> cursor,
      Map<String, String> said) {
    ArrayNode list = body.putArray(rows);
    found.stream().limit(size).forEach(each -> list.add(json.apply(each)));
    Optional<String> next =
        found.size() > size ? Optional.of(cursor.apply(found.get(size - 1))) : Optional.empty();
    body.put("next", next.orElse(null));
    Answer answer = Answer.ok(body);
    return next
        .map(position -> answer.with("Link", "<" + path + "?" + link(call, size, position, said) + ">; rel=\"next\""))
        .orElse(answer);
  }

  private static String link(Call call, int size, String next, Map<String, String> said) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("after", next);
    call.query().texts().forEach(parameters::putIfAbsent);
    parameters.putAll(said);
    parameters.remove("limit");
    parameters.put("limit", Integer.toString(size));
    StringBuilder link = new StringBuilder();
    parameters.forEach((name, value) ->
        link.append(link.isEmpty() ? "" : "&").append(name).append('=').append(encoded(value)));
    return link.toString();
  }

  private static String encoded(String value) {
    // Colons and slashes may stand in a query as they are, and moments and objects are easier to read with them.
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("%3A", ":").replace("%2F", "/");
  }
}
