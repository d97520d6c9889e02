/// The processes that are measured, and how their CPU and memory are read.
@NullMarked
package io.firn.benchmarks.servers;

import org.jspecify.annotations.NullMarked;
