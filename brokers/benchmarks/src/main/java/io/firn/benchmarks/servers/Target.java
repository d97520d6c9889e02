package io.firn.benchmarks.servers;

import java.util.List;

/// A subject that runs.
///
/// @param address where its clients connect
/// @param pids the processes whose CPU and memory count
public record Target(Subject subject, String address, List<Long> pids) {}
