package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.jetty.websocket.Handshake;
import io.gatehouse.jetty.websocket.Tunnels;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Whether a request asks to go on as a WebSocket, and what that changes. Other protocols are not asked of
 * backends: a server may ignore {@code Upgrade}, and must in HTTP/1.0 (RFC 9110, 7.8); HTTP/2 does not have
 * it (RFC 9113, 8.2.2).
 *
 * @param wanted whether it does
 */
record Upgrade(boolean wanted, HttpServletRequest request, Inbound inbound) {

  static Upgrade of(HttpServletRequest request, Inbound inbound) {
    boolean wanted = request.getProtocol().equals("HTTP/1.1") && Handshake.wanted(inbound);
    return new Upgrade(wanted, request, inbound);
  }

  /** Answers a handshake that is not forwarded. False when it is, or is none. */
  boolean refused(Tunnels tunnels, HttpServletResponse response) throws IOException {
    if (!wanted) {
      return false;
    }
    Optional<Problem> objection = Handshake.objection(inbound);
    Problem problem;
    if (objection.isPresent()) {
      problem = objection.get();
    } else if (!(request.getAttribute(UpstreamServlet.TAKEOVER) instanceof Takeover)) {
      problem = Problem.of(501, "websocket-unsupported", "WebSockets not supported",
          "This server does not let go of its connections, so WebSockets cannot be relayed.");
    } else if (tunnels.draining()) {
      problem = Problem.of(503, "unavailable", "Unavailable", "The gateway is stopping.");
    } else {
      return false;
    }
    if (problem.status() >= 500) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.UNANSWERED);
    }
    if (problem.status() == HttpStatus.UPGRADE_REQUIRED_426) {
      // RFC 6455, 4.4, and RFC 9110, 15.5.22.
      response.setHeader("Sec-WebSocket-Version", Handshake.VERSION);
      switching(response);
    }
    problem.send(response);
    return true;
  }

  /** The fields that ask the backend, which do not pass by themselves. */
  HttpFields addTo(HttpFields fields) {
    if (!wanted) {
      return fields;
    }
    // Some servers look for the upgrade in the only value of Connection, so that no TE may stand beside it.
    return HttpFields.build(fields).remove(HttpHeader.TE)
        .put(HttpHeader.CONNECTION, "Upgrade").put(HttpHeader.UPGRADE, "websocket").asImmutable();
  }

  /** Whether an answer with 101 is one to this request. */
  boolean accepted(Response answer) {
    return wanted && Handshake.accepted(inbound, answer.getHeaders().get(HttpHeader.UPGRADE),
        answer.getHeaders().get("Sec-WebSocket-Accept"));
  }

  /** The fields that say so to the client, which do not pass by themselves. */
  static void switching(HttpServletResponse response) {
    response.setHeader("Connection", "Upgrade");
    response.setHeader("Upgrade", "websocket");
  }
}
