package io.gatehouse.jetty.admin;

import io.gatehouse.jetty.api.FieldTypes;
import java.util.Optional;

/** Where the rules come from that hold for an owner. */
enum Origin {
  /** From the owner's own. */
  OWN,
  /** From the plan that the user is on. */
  PLAN,
  /** From the defaults of the gateway. */
  CONFIGURATION;

  /** The name in documents, by what was found. */
  static String of(Optional<?> own, Optional<?> ofPlan) {
    return FieldTypes.nameOf(own.isPresent() ? OWN : ofPlan.isPresent() ? PLAN : CONFIGURATION);
  }
}
