/// The broker: what it leads, its request handlers, and the way between the hot log and the table.
///
/// A request's way: `Dispatcher` → one handler per API → `PartitionTable` → `LedPartition` → the
/// log, or `ColdTier` below the log's first local offset. Names are mapped between a tenant and the
/// cluster where a handler looks a topic up and where it writes its answer; nowhere else.
///
/// From the bottom up: `request`, `partition`, `cold`, `cluster`, and beside each other the
/// handlers by what they serve: `fetch`, `offsets`, `produce`, `admin`, `group`. `BrokerNode` puts
/// them together.
@NullMarked
package io.firn.broker;

import org.jspecify.annotations.NullMarked;
