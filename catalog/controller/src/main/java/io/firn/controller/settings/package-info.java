/// Settings of topics, tables and brokers: their names, defaults, bounds, and what is refused.
@NullMarked
package io.firn.controller.settings;

import org.jspecify.annotations.NullMarked;
