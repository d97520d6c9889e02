/// Where Firn's own code is stopped or made to fail.
@NullMarked
package io.firn.chaos.fault;

import org.jspecify.annotations.NullMarked;
