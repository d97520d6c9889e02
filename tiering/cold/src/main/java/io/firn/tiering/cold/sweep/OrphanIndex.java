package io.firn.tiering.cold.sweep;

import java.util.Collection;
import java.util.Set;

/// The catalog's word on objects: what a sweep may not touch.
public interface OrphanIndex {
    /// Those of `paths` (`s3://bucket/...`) that any row names in any state but DELETED, an
    /// ABANDONED one younger than the grace included, or that any live snapshot or table metadata
    /// names (C6, C12). Throws when the catalog cannot be asked.
    Set<String> named(Collection<String> paths);

    /// Asked last, one object at a time: locks the rows that could still name `path`, and runs
    /// `delete` only when none does.
    ///
    /// @return whether `delete` ran
    boolean deleteIfUnnamed(String path, Runnable delete);
}
