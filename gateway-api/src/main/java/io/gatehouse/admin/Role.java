package io.gatehouse.admin;

/** What an administrator may do. */
public enum Role {
  /** Everything, other administrators included. */
  OWNER,
  /** Everything but administrators and settings. */
  OPERATOR,
  /** Reads everything but administrators and settings, and changes nothing. */
  VIEWER,
  /** Reads and manages the users of one tenant and their keys, and reads what limits them and what they used. */
  TENANT,
  /** Registers backends, lets them beat and takes them away again, and nothing else. */
  REGISTRAR
}
