/** What an operator can set: a YAML file and the environment become one immutable tree, or a list of all faults. */
@NullMarked
package io.gatehouse.core.settings;

import org.jspecify.annotations.NullMarked;
