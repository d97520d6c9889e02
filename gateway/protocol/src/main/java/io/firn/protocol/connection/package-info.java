/// One connection: its requests in, and their answers out in the same order.
@NullMarked
package io.firn.protocol.connection;

import org.jspecify.annotations.NullMarked;
