package io.firn.tiering.table;

final class DataFileJson {
    private DataFileJson() {}

    static String of(EncodedFile file, String location) {
        throw new UnsupportedOperationException("Cannot describe yet");
    }
}
