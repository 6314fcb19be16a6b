package io.gatehouse.jetty.proxy;

import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Takes the interim answers (1xx but 101) of backends out of the way of the final one, as many as there are.
 * A 100 lets the body go; the others have no way to the client through the servlet API and end here.
 */
final class InterimAnswers implements ProtocolHandler {

  /** The attribute of a request that holds the {@link Runnable} for when its body is asked for. */
  static final String WHEN_CONTINUE = InterimAnswers.class.getName();

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
        HttpExchange exchange = request.getConversation().getExchanges().peekLast();
        if (exchange != null) {
          exchange.resetResponse();
        }
        if (response.getStatus() == HttpStatus.CONTINUE_100
            && request.getAttributes().get(WHEN_CONTINUE) instanceof Runnable letGo) {
          letGo.run();
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
