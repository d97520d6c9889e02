/// Firn broken on purpose: load, crashes, power cuts, outages, full disks (docs/chaos.md).
///
/// From the bottom up: `agent`, `check`, `process`, `load`, `fault`, `round`, `scenario`.
@org.jspecify.annotations.NullMarked
package io.firn.chaos;
