/// The one address that Kafka clients see: answers what is about the cluster itself, passes the
/// rest to the right broker without decoding records.
///
/// A request's way: `GatewayHandler` → `Admission` → `Router` → (`Answers` here | `Upstream` to a
/// broker).
@NullMarked
package io.firn.gateway;

import org.jspecify.annotations.NullMarked;
