/// The broker follows the cluster: it leads and resigns as the image says, and accounts for the
/// logs on its disk.
@NullMarked
package io.firn.broker.cluster;

import org.jspecify.annotations.NullMarked;
