/// What was sent against what is read: pure, offline, bounded (RULES §7).
@org.jspecify.annotations.NullMarked
package io.firn.chaos.check;
