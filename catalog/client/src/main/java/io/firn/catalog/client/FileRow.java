package io.firn.catalog.client;

import java.util.UUID;

/// One data file in the object store.
///
/// @param path the full location, `s3://bucket/...`, unique for ever
/// @param checksum as the writer computed it, `algorithm:hex`
/// @param icebergDataFileJson the file as Iceberg's `ContentFileParser` writes it, with metrics
public record FileRow(
        UUID fileId, String path, long size, String checksum, String icebergDataFileJson) {}
