package io.firn.broker.cold;

import io.firn.catalog.client.CatalogClient;
import io.firn.objectstore.ObjectStore;

import java.nio.file.Path;

/// The catalog and the object store; both may be away when the broker starts and later (C11). The
/// broker closes them.
///
/// @param scratch data files are encoded here before their upload
public record Tables(CatalogClient catalog, ObjectStore store, Path scratch) {}
