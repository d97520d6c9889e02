/// The `./firn bench` command: what is measured beside what, and in which order.
@NullMarked
package io.firn.benchmarks;

import org.jspecify.annotations.NullMarked;
