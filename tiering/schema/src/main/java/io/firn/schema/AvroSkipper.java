package io.firn.schema;

import org.apache.avro.Schema;

/// Finds the end of a value that stays Avro. The depth is bounded, since the bytes may come from
/// anyone.
final class AvroSkipper {
    private static final int MAX_DEPTH = 200;

    private AvroSkipper() {}

    static void skip(Schema schema, AvroInput in, int depth) {
        if (depth > MAX_DEPTH) {
            throw AvroInput.Malformed.VALUE;
        }
        switch (schema.getType()) {
            case NULL -> {}
            case BOOLEAN -> in.skip(1);
            case INT, LONG, ENUM -> in.readVarlong();
            case FLOAT -> in.skip(4);
            case DOUBLE -> in.skip(8);
            case BYTES, STRING -> in.skip(in.readCount());
            case FIXED -> in.skip(schema.getFixedSize());
            case RECORD -> {
                for (Schema.Field field : schema.getFields()) {
                    skip(field.schema(), in, depth + 1);
                }
            }
            case UNION -> {
                long branch = in.readVarlong();
                if (branch < 0 || branch >= schema.getTypes().size()) {
                    throw AvroInput.Malformed.VALUE;
                }
                skip(schema.getTypes().get((int) branch), in, depth + 1);
            }
            case ARRAY -> {
                for (long count = blockCount(in); count > 0; count = blockCount(in)) {
                    for (long i = 0; i < count; i++) {
                        int before = in.position();
                        skip(schema.getElementType(), in, depth + 1);
                        if (in.position() == before) {
                            break; // items without bytes: the count could be anything
                        }
                    }
                }
            }
            case MAP -> {
                for (long count = blockCount(in); count > 0; count = blockCount(in)) {
                    for (long i = 0; i < count; i++) {
                        in.skip(in.readCount());
                        skip(schema.getValueType(), in, depth + 1);
                    }
                }
            }
        }
    }

    /// How many items the next block has, 0 when there is none; steps over its size.
    private static long blockCount(AvroInput in) {
        long count = in.readVarlong();
        if (count >= 0) {
            return count;
        }
        in.readCount();
        if (count == Long.MIN_VALUE) {
            throw AvroInput.Malformed.VALUE;
        }
        return -count;
    }
}
