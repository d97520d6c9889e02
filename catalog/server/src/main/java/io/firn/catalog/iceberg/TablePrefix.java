package io.firn.catalog.iceberg;

import org.apache.iceberg.exceptions.ForbiddenException;

import java.util.List;

/// The folder that one table owns, and everything below it (C18). A table's metadata, manifests and
/// files are there and nowhere else; so whatever is done for one table reaches no other.
///
/// @param address `s3://bucket/folder`, without a slash at its end
record TablePrefix(String address) {
    /// Where the tables of engines are, one folder each; the other folders are Firn's own.
    private static final String AREA = "tables/";

    /// The folder of a new ordinary table.
    ///
    /// @param bucket `s3://bucket/`
    /// @throws ForbiddenException when it is not one folder of its own below `tables/`
    static TablePrefix ofNewTable(String bucket, String location) {
        String area = bucket + AREA;
        String address =
                location.endsWith("/") ? location.substring(0, location.length() - 1) : location;
        if (!address.startsWith(area) || !isFolder(address.substring(area.length()))) {
            throw new ForbiddenException(
                    "Cannot keep a table at %s: this catalog keeps tables in %s<folder> only, each in a folder of its own; leave the location out",
                    location, area);
        }
        return new TablePrefix(address);
    }

    /// The folder of a table whose metadata file is to be registered.
    static TablePrefix ofMetadata(String bucket, String metadata) {
        String area = bucket + AREA;
        int end = metadata.startsWith(area) ? metadata.indexOf('/', area.length()) : -1;
        if (end < 0 || !isFolder(metadata.substring(area.length(), end))) {
            throw new ForbiddenException(
                    "Cannot register %s: only the metadata of a dropped table in %s<folder>/ can be registered; other folders are Firn's own",
                    metadata, area);
        }
        TablePrefix prefix = new TablePrefix(metadata.substring(0, end));
        prefix.require(metadata, "register");
        return prefix;
    }

    static String newTable(String bucket, String folder) {
        return bucket + AREA + folder;
    }

    private static boolean isFolder(String name) {
        return !name.isEmpty()
                && name.length() <= 255
                && name.chars().allMatch(c -> c > ' ' && c < 0x7f && "/\\?#%*".indexOf(c) < 0)
                && !List.of(".", "..").contains(name);
    }

    /// True for the address of an object in this folder, or below it.
    boolean owns(String path) {
        if (!path.startsWith(address + "/")) {
            return false;
        }
        for (String part : path.substring(address.length() + 1).split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return true;
    }

    /// @throws ForbiddenException when this is not the table's
    void require(String path, String action) {
        if (!owns(path)) {
            throw new ForbiddenException(
                    "Cannot %s %s: it is not in the table's own folder %s/", action, path, address);
        }
    }
}
