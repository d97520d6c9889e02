package io.firn.catalog.store.lease;

import java.util.UUID;

/// The right to commit; whoever has a higher epoch has taken it over.
public record Lease(String name, UUID holder, long epoch) {}
