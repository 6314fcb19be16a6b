package io.gatehouse.jetty.live;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One who looks, and may stop taking what is sent. */
final class FakeReader extends ServletOutputStream {

  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private volatile boolean taking = true;
  private volatile boolean left;
  private volatile boolean over;

  HttpServletRequest request() {
    return fake(HttpServletRequest.class, Map.of("startAsync", fake(AsyncContext.class, Map.of(
        "getResponse", response(),
        "complete", (Runnable) () -> over = true))));
  }

  HttpServletResponse response() {
    return fake(HttpServletResponse.class, Map.of("getOutputStream", this));
  }

  /** Whatever is not named does nothing; a {@link Runnable} is run. */
  private static <T> T fake(Class<T> type, Map<String, Object> answers) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
      Object answer = answers.get(method.getName());
      if (answer instanceof Runnable deed) {
        deed.run();
        return null;
      }
      return answer;
    }));
  }

  void stopTaking() {
    taking = false;
  }

  void leave() {
    left = true;
  }

  /** Whether its answer was ended. */
  boolean isOver() {
    return over;
  }

  synchronized String text() {
    return taken.toString(StandardCharsets.UTF_8);
  }

  @Override
  public boolean isReady() {
    return taking;
  }

  @Override
  public void setWriteListener(WriteListener listener) {
    try {
      listener.onWritePossible();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public synchronized void write(int one) throws IOException {
    if (left) {
      throw new IOException("broken pipe");
    }
    taken.write(one);
  }
}
