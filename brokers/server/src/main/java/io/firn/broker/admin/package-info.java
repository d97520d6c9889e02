/// Topics, partitions and settings as clients manage them; changes go to the controller.
@NullMarked
package io.firn.broker.admin;

import org.jspecify.annotations.NullMarked;
