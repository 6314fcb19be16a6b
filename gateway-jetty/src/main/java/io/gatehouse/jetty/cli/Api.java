package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.admin.Reply;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Administration, as commands use it: asks, follows pages, and turns refusals into failures. For one thread. */
final class Api {

  /** How many rows are asked for at once, as many as the API gives: {@value}. */
  static final int PAGE = 200;

  private static final int NOT_FOUND = 404;

  /** The form of ids; names of users may look like that, too. */
  private static final Pattern ID = Pattern.compile("[0-9A-Za-z]{1,64}");

  private final Way way;
  private final RootCommand root;

  Api(Way way, RootCommand root) {
    this.way = way;
    this.root = root;
  }

  /** What is answered, whatever that is. */
  Reply reply(Ask ask) {
    return ask.isNamed() ? way.ask(ask.request()) : new Reply(NOT_FOUND, Map.of(), Optional.empty());
  }

  /** The document of a good answer, an empty one where there is none. */
  ObjectNode ask(Ask ask) {
    return document(reply(ask));
  }

  /** The same, with a failure of its own for what is not there. */
  ObjectNode ask(Ask ask, Supplier<CommandFailure> missing) {
    Reply reply = reply(ask);
    if (reply.status() == NOT_FOUND) {
      throw missing.get();
    }
    return document(reply);
  }

  /** The document of a good answer, an empty one where there is none. */
  ObjectNode document(Reply reply) {
    if (reply.status() / 100 != 2) {
      throw Refused.by(way, reply);
    }
    return (ObjectNode) reply.document().orElseGet(Answers::json);
  }

  /** Makes a change and tells it; or, dry, says what it would do. */
  void change(Ask ask, DryRun dryRun, Supplier<CommandFailure> missing, Consumer<ObjectNode> tell) {
    if (dryRun.on()) {
      ObjectNode would = ask(ask.query("dryRun", true), missing);
      root.answer(DryRun.text(would), "Nothing was changed.", would);
    } else {
      tell.accept(ask(ask, missing));
    }
  }

  /** The same for what names nothing that could be missing. */
  void change(Ask ask, DryRun dryRun, Consumer<ObjectNode> tell) {
    Reply reply = reply(dryRun.on() ? ask.query("dryRun", true) : ask);
    ObjectNode document = document(reply);
    if (dryRun.on()) {
      root.answer(DryRun.text(document), "Nothing was changed.", document);
    } else {
      tell.accept(document);
    }
  }

  /**
   * Shows what is there to a change, until it is made of what was there: somebody else may change the same.
   *
   * @param replace the request that replaces it, without a document
   * @param missing for when the owner is not there
   */
  void edit(
      Supplier<Ask> show,
      Supplier<Ask> replace,
      Consumer<ObjectNode> edit,
      DryRun dryRun,
      Supplier<CommandFailure> missing,
      Consumer<ObjectNode> tell) {
    for (int left = 5; ; left--) {
      Reply shown = reply(show.get());
      if (shown.status() == NOT_FOUND) {
        throw missing.get();
      }
      ObjectNode document = document(shown);
      edit.accept(document);
      Ask change = replace.get().document(document);
      shown.header("ETag").ifPresent(tag -> change.header("If-Match", tag));
      try {
        change(change, dryRun, missing, tell);
        return;
      } catch (Refused e) {
        if (!e.isOvertaken() || left == 0) {
          throw e;
        }
      }
    }
  }

  /**
   * Gives a list page by page, as the API has it.
   *
   * @param list makes the request, each time
   * @param rows the field with the rows
   * @param most after how many rows to end
   */
  void eachPage(Supplier<Ask> list, String rows, long most, Consumer<ObjectNode> page) {
    long given = 0;
    String after = null;
    ObjectNode found = Answers.json();
    do {
      Ask ask = list.get().query("limit", Math.min(PAGE, most - given)).query("after", after);
      if (found.has("from")) {
        // Or the span would move between two pages.
        ask.query("from", found.path("from").asText()).query("to", found.path("to").asText());
      }
      found = ask(ask);
      page.accept(found);
      given += found.path(rows).size();
      after = found.path("next").asText(null);
    } while (after != null && given < most);
  }

  /** All rows of a list in one document, as one page of it has them. */
  ObjectNode rows(Supplier<Ask> list, String rows, long most) {
    ObjectNode all = Answers.json();
    ArrayNode array = all.putArray(rows);
    eachPage(list, rows, most, page -> page.path(rows).forEach(array::add));
    return all;
  }

  /** The user with this id or, when no id is like that, this name. */
  ObjectNode user(String nameOrId) {
    if (ID.matcher(nameOrId).matches()) {
      Reply byId = reply(Ask.of("GET", "users/{id}", nameOrId));
      if (byId.status() != NOT_FOUND) {
        return document(byId);
      }
    }
    Iterator<JsonNode> named = ask(Ask.get("users").query("name", nameOrId)).path("users").iterator();
    if (!named.hasNext()) {
      throw noUser(nameOrId);
    }
    return (ObjectNode) named.next();
  }

  /** The id of the user with this id or name. */
  String userId(String nameOrId) {
    return user(nameOrId).path("id").asText();
  }

  static CommandFailure noUser(String name) {
    return CommandFailure.missing("there is no user with the name or id " + name, "see: gatehouse users list");
  }
}
