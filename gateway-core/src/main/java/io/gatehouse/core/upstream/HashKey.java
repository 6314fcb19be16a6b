package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;

/** What of a request decides where it goes, when equal ones are to go to the same backend. */
@FunctionalInterface
public interface HashKey {

  /** Path without query. */
  HashKey PATH = Inbound::path;

  /** The address of the client. */
  HashKey ADDRESS = request -> request.clientAddress().getHostAddress();

  /**
   * The source of the picture in a path of imgproxy, {@code /signature/options/plain/source@ext} or
   * {@code /signature/options/encoded.ext}, so that all sizes of a picture go to the same backend; other paths count
   * whole.
   */
  HashKey SOURCE = request -> source(request.path());

  /** Any text; equal for requests that belong together. */
  String of(Inbound request);

  /** The first value of a field; requests without it belong together. */
  static HashKey header(String name) {
    return request -> request.header(name).orElse("");
  }

  private static String source(String path) {
    int plain = path.indexOf("/plain/");
    if (plain >= 0) {
      int at = path.lastIndexOf('@');
      return path.substring(plain + "/plain/".length(), at > plain ? at : path.length());
    }
    int from = path.indexOf('/', 1) + 1;
    if (from == 0) {
      return path;
    }
    // Options have a colon, and the alphabet of Base64 has none.
    for (int end = path.indexOf('/', from); end >= 0 && path.substring(from, end).indexOf(':') >= 0;
        end = path.indexOf('/', from)) {
      from = end + 1;
    }
    int dot = path.lastIndexOf('.');
    return path.substring(from, dot > from ? dot : path.length());
  }

  /** FNV-1a over the characters, 64 bits wide. */
  static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
