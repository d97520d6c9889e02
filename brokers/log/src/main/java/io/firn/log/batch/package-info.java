/// What a batch is, on its sender's thread: its checks, and what it becomes where a topic restamps
/// or recompresses (L2). Knows no log.
@NullMarked
package io.firn.log.batch;

import org.jspecify.annotations.NullMarked;
