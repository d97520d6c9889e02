/// What all handlers share: a request in, one answer out, errors in between. Knows none of them.
@NullMarked
package io.firn.broker.request;

import org.jspecify.annotations.NullMarked;
