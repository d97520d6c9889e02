/// Bytes from a broker's socket to a client's that never enter the process (splice(2)).
@NullMarked
package io.firn.gateway.splice;

import org.jspecify.annotations.NullMarked;
