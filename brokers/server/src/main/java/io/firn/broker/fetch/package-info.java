/// Fetch: where the records at an offset are, and who waits for more.
@NullMarked
package io.firn.broker.fetch;

import org.jspecify.annotations.NullMarked;
