/// What a server is asked to do while it is measured.
@NullMarked
package io.firn.benchmarks.loads;

import org.jspecify.annotations.NullMarked;
