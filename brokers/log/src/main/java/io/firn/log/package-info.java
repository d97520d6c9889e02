/// The hot log: one journal a disk that makes write groups durable, and Kafka's own segments behind
/// it.
///
/// Nothing outside this package sees `UnifiedLog` or the journal. Rules L1-L13 of RULES.md are kept
/// here.
@NullMarked
package io.firn.log;

import org.jspecify.annotations.NullMarked;
