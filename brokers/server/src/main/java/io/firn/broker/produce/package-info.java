/// Produce: from a request to an append, producer ids, and what makes producers wait.
@NullMarked
package io.firn.broker.produce;

import org.jspecify.annotations.NullMarked;
