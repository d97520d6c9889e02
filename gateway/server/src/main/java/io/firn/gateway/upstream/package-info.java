/// Connections to brokers, and each request's way there and back.
@NullMarked
package io.firn.gateway.upstream;

import org.jspecify.annotations.NullMarked;
