package io.gatehouse.core.upload;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where objects are, each whole or not at all. Any number of threads; blocks as the store does, within its own timeouts, and
 * throws {@link IOException} when it cannot do what it is asked, which may then have been done.
 */
public interface ObjectStore extends AutoCloseable {

  /** In which directory content is gathered before it is put. */
  Path incoming();

  /**
   * Puts an object, in place of any of the same name, which has the same content. It is durable when this returns.
   *
   * @param content a file in {@link #incoming}, complete and durable; may be moved away
   * @param upload what it is
   */
  void put(Path content, Incoming upload) throws IOException;

  /** Deletes an object. Does nothing when there is none. */
  void delete(String name) throws IOException;

  /** How imgproxy is asked for an object: {@code local:///acme/ab/ab01….jpg}. */
  String source(String name);

  @Override
  void close();

  /**
   * What is put.
   *
   * @param name of the object
   * @param sha256 in 64 digits of base 16
   */
  record Incoming(String name, long bytes, String sha256, String mediaType) {}
}
