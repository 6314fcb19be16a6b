package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * Something that a call has changed. Holds no secrets.
 *
 * @param object how it is called in paths: {@code users/01M8/limits}
 * @param before what was there; empty: nothing
 * @param after what is there now; empty: nothing
 */
public record Touched(String object, Optional<ObjectNode> before, Optional<ObjectNode> after) {}
