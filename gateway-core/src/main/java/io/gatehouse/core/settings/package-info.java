/** What an operator can set: a YAML file and the environment become one immutable tree, or a complete list of faults. */
@NullMarked
package io.gatehouse.core.settings;

import org.jspecify.annotations.NullMarked;
