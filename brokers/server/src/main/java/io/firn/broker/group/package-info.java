/// Answers the group APIs: names of the tenant outside, `<tenant>.<name>` inside, Kafka's
/// coordinator behind.
@NullMarked
package io.firn.broker.group;

import org.jspecify.annotations.NullMarked;
