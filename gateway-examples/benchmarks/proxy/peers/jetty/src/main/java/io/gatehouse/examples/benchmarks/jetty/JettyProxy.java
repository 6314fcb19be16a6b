package io.gatehouse.examples.benchmarks.jetty;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.ee10.proxy.ProxyServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;

/** Jetty's proxy with nothing set but what makes it a reverse proxy: {@code port backend...}. */
public final class JettyProxy {

  private JettyProxy() {}

  public static void main(String[] arguments) throws Exception {
    Server server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])));
    ServletContextHandler context = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(new InTurn(List.of(arguments).subList(1, arguments.length)));
    holder.setAsyncSupported(true);
    context.addServlet(holder, "/*");
    server.setHandler(context);
    server.start();
  }

  /** Its servlet, which asks one backend after the other. */
  private static final class InTurn extends ProxyServlet {

    private static final long serialVersionUID = 1;

    private final List<String> backends;
    private final AtomicInteger turn = new AtomicInteger();

    InTurn(List<String> backends) {
      this.backends = List.copyOf(backends);
    }

    @Override
    protected String rewriteTarget(HttpServletRequest request) {
      return backends.get(Math.floorMod(turn.getAndIncrement(), backends.size())) + request.getRequestURI();
    }
  }
}
