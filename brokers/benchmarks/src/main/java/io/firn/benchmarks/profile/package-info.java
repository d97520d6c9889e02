/// Where the CPU of a server goes: async-profiler, and a table of shares from what it wrote.
@NullMarked
package io.firn.benchmarks.profile;

import org.jspecify.annotations.NullMarked;
