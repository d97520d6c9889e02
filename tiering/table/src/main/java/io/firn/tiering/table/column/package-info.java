/// What columns a topic's table has, and how a value lies in them.
@NullMarked
package io.firn.tiering.table.column;

import org.jspecify.annotations.NullMarked;
