package io.gatehouse.jetty.proxy;

import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Takes the interim answers (1xx but 101) of backends out of the way of the final one and shows them to the
 * attempt that they are for.
 */
final class InterimAnswers implements ProtocolHandler {

  /** The attribute of a request that holds the {@link Attempt}. */
  static final String ATTEMPT = Attempt.class.getName();

  @Override
  public String getName() {
    return "interim";
  }

  @Override
  public boolean accept(Request request, Response response) {
    return HttpStatus.isInterim(response.getStatus());
  }

  @Override
  public Response.Listener getResponseListener() {
    return new Response.Listener() {
      @Override
      public void onSuccess(Response response) {
        HttpRequest request = (HttpRequest) response.getRequest();
        request.getConversation().updateResponseListeners(null);
        int status = response.getStatus();
        HttpFields fields = HttpFields.build(response.getHeaders());
        HttpExchange exchange = request.getConversation().getExchanges().peekLast();
        if (exchange != null) {
          exchange.resetResponse();
        }
        if (request.getAttributes().get(ATTEMPT) instanceof Attempt attempt) {
          attempt.onInterim(status, fields);
        }
      }

      @Override
      public void onFailure(Response response, Throwable failure) {
        HttpRequest request = (HttpRequest) response.getRequest();
        request.getConversation().updateResponseListeners(null);
        HttpExchange exchange = request.getConversation().getExchanges().peekLast();
        if (exchange != null) {
          exchange.getResponseListeners().emitFailureComplete(
              new Result(request, exchange.getRequestFailure(), response, failure));
        }
      }
    };
  }
}
