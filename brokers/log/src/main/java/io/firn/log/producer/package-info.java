/// What logs remember of idempotent producers, and how much of it.
@NullMarked
package io.firn.log.producer;

import org.jspecify.annotations.NullMarked;
