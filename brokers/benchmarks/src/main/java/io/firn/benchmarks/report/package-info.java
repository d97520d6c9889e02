/// From figures to the results file, the tables of `docs/benchmarks.md` and its pictures.
@NullMarked
package io.firn.benchmarks.report;

import org.jspecify.annotations.NullMarked;
