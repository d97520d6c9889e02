/// Firn broken on purpose: load, crashes, power cuts, outages, full disks (docs/chaos.md).
@org.jspecify.annotations.NullMarked
package io.firn.chaos;
