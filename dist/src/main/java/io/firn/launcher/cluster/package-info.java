/// A whole cluster on one machine: every role as a process of its own, watched by one command.
@NullMarked
package io.firn.launcher.cluster;

import org.jspecify.annotations.NullMarked;
