/// Two servers that do next to nothing: the least that the work can cost on this machine.
@NullMarked
package io.firn.benchmarks.limits;

import org.jspecify.annotations.NullMarked;
