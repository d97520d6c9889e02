/// What this broker leads, as the cluster's image says, and the logs behind it.
@NullMarked
package io.firn.broker.cluster;

import org.jspecify.annotations.NullMarked;
