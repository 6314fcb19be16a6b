package io.gatehouse.jetty.api;

/** Who asks for something: somebody who administers, or who holds an API key. */
public sealed interface Actor permits Caller, KeyHolder {

  /** As it stands in the audit log, and unlike that of any other. */
  String id();

  /** For people. */
  String name();
}
