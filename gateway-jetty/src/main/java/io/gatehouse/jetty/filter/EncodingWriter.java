package io.gatehouse.jetty.filter;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.Charset;

/**
 * Encodes at once and keeps nothing back but the first half of a surrogate pair, so that a container that ends the answer
 * without closing this writer loses nothing.
 */
final class EncodingWriter extends Writer {

  private final OutputStream out;
  private final Charset charset;
  private char highSurrogate;

  EncodingWriter(OutputStream out, Charset charset) {
    this.out = out;
    this.charset = charset;
  }

  @Override
  public void write(char[] chars, int offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    StringBuilder text = new StringBuilder(length + 1);
    if (highSurrogate != 0) {
      text.append(highSurrogate);
      highSurrogate = 0;
    }
    text.append(chars, offset, length);
    int last = text.length() - 1;
    if (Character.isHighSurrogate(text.charAt(last))) {
      highSurrogate = text.charAt(last);
      text.setLength(last);
    }
    out.write(text.toString().getBytes(charset));
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
