package io.gatehouse.jetty.filter;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes of the body that are written, and adds the gateway's fields at the last moment, when it is known
 * whether a shared cache may keep the answer: it would replay one caller's numbers to all others.
 */
final class CountingResponse extends HttpServletResponseWrapper {

  private final Supplier<Map<String, String>> lateHeaders;
  private final TransferMeter meter;
  private boolean headersAdded;
  private @Nullable Counter stream;
  private @Nullable PrintWriter writer;

  CountingResponse(HttpServletResponse response, Supplier<Map<String, String>> lateHeaders, TransferMeter meter) {
    super(response);
    this.lateHeaders = lateHeaders;
    this.meter = meter;
  }

  void addLateHeaders() {
    if (!headersAdded) {
      addLateHeaders(getStatus() == SC_OK && shareable());
    }
  }

  private void addLateHeaders(boolean shareable) {
    if (headersAdded || isCommitted()) {
      return;
    }
    headersAdded = true;
    lateHeaders.get().forEach(
        (name, value) -> {
          if (!shareable || !name.toLowerCase(Locale.ROOT).contains("ratelimit")) {
            setHeader(name, value);
          }
        });
  }

  /** RFC 9111, 3.5 and 5.2.2: what lets a shared cache keep the answer to an authenticated request, or any answer. */
  private boolean shareable() {
    String cacheControl = getHeader("Cache-Control");
    if (cacheControl == null) {
      return getHeader("Expires") != null;
    }
    String directives = cacheControl.toLowerCase(Locale.ROOT);
    return !directives.contains("private")
        && !directives.contains("no-store")
        && (directives.contains("public")
            || directives.contains("s-maxage")
            || directives.contains("max-age")
            || directives.contains("must-revalidate")
            || getHeader("Expires") != null);
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    if (stream == null) {
      stream = new Counter(super.getOutputStream());
    }
    return stream;
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    if (writer == null) {
      Charset charset = Charset.forName(getCharacterEncoding());
      // Servlet 6.0, 5.6: asking for the writer fixes the charset and tells the client of it.
      setCharacterEncoding(charset.name());
      writer = new PrintWriter(new EncodingWriter(getOutputStream(), charset));
    }
    return writer;
  }

  @Override
  public void flushBuffer() throws IOException {
    addLateHeaders();
    super.flushBuffer();
  }

  @Override
  public void sendError(int status) throws IOException {
    addLateHeaders(false);
    forgetBuffer();
    super.sendError(status);
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    addLateHeaders(false);
    forgetBuffer();
    super.sendError(status, message);
  }

  @Override
  public void sendRedirect(String location) throws IOException {
    addLateHeaders(false);
    super.sendRedirect(location);
  }

  @Override
  public void reset() {
    super.reset();
    forgetBuffer();
    headersAdded = false;
    stream = null;
    writer = null;
  }

  @Override
  public void resetBuffer() {
    super.resetBuffer();
    forgetBuffer();
  }

  /** What is dropped from the buffer was not transferred; what was committed has been. */
  private void forgetBuffer() {
    if (!isCommitted()) {
      meter.dropWritten();
    }
  }

  private final class Counter extends ServletOutputStream {
    private final ServletOutputStream out;

    Counter(ServletOutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      addLateHeaders();
      meter.writing(1);
      out.write(b);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      addLateHeaders();
      // Counted before it is written: a client may have got it and be gone before the call is back.
      meter.writing(length);
      boolean written = false;
      try {
        out.write(buffer, offset, length);
        written = true;
      } finally {
        if (!written) {
          meter.notWritten(length);
        }
      }
    }

    @Override
    public boolean isReady() {
      return out.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      // Who answers without blocking may end an empty answer without another call.
      addLateHeaders();
      out.setWriteListener(listener);
    }

    @Override
    public void flush() throws IOException {
      addLateHeaders();
      out.flush();
    }

    @Override
    public void close() throws IOException {
      addLateHeaders();
      out.close();
    }
  }
}
