package io.gatehouse.jetty.filter;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes of the body that are read. An asynchronous servlet that answers through its {@link AsyncContext} gets
 * the counting request and response there as well, not those of the container, past which nothing would be counted.
 */
final class CountingRequest extends HttpServletRequestWrapper {

  private final CountingResponse response;
  private final TransferMeter meter;
  private @Nullable Counter stream;
  private @Nullable BufferedReader reader;

  CountingRequest(HttpServletRequest request, CountingResponse response, TransferMeter meter) {
    super(request);
    this.response = response;
    this.meter = meter;
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    if (stream == null) {
      stream = new Counter(super.getInputStream());
    }
    return stream;
  }

  @Override
  public BufferedReader getReader() throws IOException {
    if (reader == null) {
      String charset = getCharacterEncoding();
      reader =
          new BufferedReader(
              new InputStreamReader(
                  getInputStream(), charset == null ? StandardCharsets.ISO_8859_1 : Charset.forName(charset)));
    }
    return reader;
  }

  @Override
  public AsyncContext startAsync() {
    return startAsync(this, response);
  }

  private final class Counter extends ServletInputStream {
    private final ServletInputStream in;

    Counter(ServletInputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      if (read >= 0) {
        meter.read(1);
      }
      return read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = in.read(buffer, offset, length);
      if (read > 0) {
        meter.read(read);
      }
      return read;
    }

    @Override
    public int available() throws IOException {
      return in.available();
    }

    @Override
    public boolean isFinished() {
      return in.isFinished();
    }

    @Override
    public boolean isReady() {
      return in.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      in.setReadListener(listener);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
