/// Which broker a request is for.
@NullMarked
package io.firn.gateway.route;

import org.jspecify.annotations.NullMarked;
