package io.firn.schema;

import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/// The ways in which encoders write the same Avro value; any decoder reads all of them.
enum AvroHabit {
    /// Avro's own.
    PLAIN,

    /// Go's hamba/avro (`Writer.WriteBlockCB`, `arrayEncoder`, `mapEncoder` of v2.31.0): blocks of
    /// at most 100 items with their size, which a block without bytes has not.
    HAMBA,

    /// Several blocks without sizes, as hamba with `DisableBlockSizeHeader` and others write.
    MANY_BLOCKS,

    /// Blocks of any length, some with their size, as Avro's blocking encoder writes.
    MIXED_BLOCKS,

    /// Varints with a byte more than they need.
    PADDED_VARINTS,

    /// Decimals with more sign than they need, as fastavro writes.
    LONG_DECIMALS,

    UPPER_CASE_UUIDS,

    TRAILING_BYTES;

    byte[] write(Schema schema, Object value, Random random) {
        Writer writer = new Writer(this, random);
        writer.put(schema, value);
        if (this == TRAILING_BYTES) {
            writer.out.put(7);
        }
        return Arrays.copyOf(writer.out.bytes(), writer.out.size());
    }

    private record Writer(AvroHabit habit, Random random, ByteSink out) {
        Writer(AvroHabit habit, Random random) {
            this(habit, random, new ByteSink(64));
        }

        void put(Schema schema, Object value) {
            switch (schema.getType()) {
                case NULL -> {}
                case BOOLEAN -> out.put((boolean) value ? 1 : 0);
                case INT, LONG -> varint(((Number) value).longValue());
                case FLOAT -> out.putLittleEndian(Float.floatToRawIntBits((float) value), 4);
                case DOUBLE -> out.putLittleEndian(Double.doubleToRawLongBits((double) value), 8);
                case BYTES -> bytes(decimal(schema, ((ByteBuffer) value).array()));
                case STRING ->
                        bytes(text(schema, value.toString()).getBytes(StandardCharsets.UTF_8));
                case ENUM -> varint(schema.getEnumOrdinal(value.toString()));
                case FIXED -> {
                    byte[] fixed = ((GenericData.Fixed) value).bytes();
                    out.put(fixed, 0, fixed.length);
                }
                case RECORD -> {
                    for (Schema.Field field : schema.getFields()) {
                        put(field.schema(), ((IndexedRecord) value).get(field.pos()));
                    }
                }
                case UNION -> {
                    int branch = GenericData.get().resolveUnion(schema, value);
                    varint(branch);
                    put(schema.getTypes().get(branch), value);
                }
                case ARRAY -> {
                    List<Runnable> items = new ArrayList<>();
                    for (Object item : (List<?>) value) {
                        items.add(() -> put(schema.getElementType(), item));
                    }
                    blocks(items);
                }
                case MAP -> {
                    List<Runnable> items = new ArrayList<>();
                    ((Map<?, ?>) value)
                            .forEach(
                                    (key, item) ->
                                            items.add(
                                                    () -> {
                                                        bytes(
                                                                key.toString()
                                                                        .getBytes(
                                                                                StandardCharsets
                                                                                        .UTF_8));
                                                        put(schema.getValueType(), item);
                                                    }));
                    blocks(items);
                }
            }
        }

        private void blocks(List<Runnable> items) {
            for (int from = 0; from < items.size(); ) {
                int most =
                        switch (habit) {
                            case HAMBA -> 100;
                            case MANY_BLOCKS, MIXED_BLOCKS -> 1 + random.nextInt(3);
                            default -> items.size();
                        };
                int to = Math.min(items.size(), from + most);
                int begin = out.size();
                items.subList(from, to).forEach(Runnable::run);
                boolean sized =
                        switch (habit) {
                            case HAMBA -> out.size() > begin;
                            case MIXED_BLOCKS -> random.nextBoolean();
                            default -> false;
                        };
                block(begin, to - from, sized);
                from = to;
            }
            varint(0);
        }

        private void block(int begin, int count, boolean sized) {
            byte[] items = Arrays.copyOfRange(out.bytes(), begin, out.size());
            out.truncate(begin);
            varint(sized ? -count : count);
            if (sized) {
                varint(items.length);
            }
            out.put(items, 0, items.length);
        }

        private void bytes(byte[] bytes) {
            varint(bytes.length);
            out.put(bytes, 0, bytes.length);
        }

        private void varint(long value) {
            out.putVarlong(value);
            if (habit == PADDED_VARINTS && ByteSink.sizeOfVarlong(value) < 9) {
                out.bytes()[out.size() - 1] |= (byte) 0x80;
                out.put(0);
            }
        }

        private byte[] decimal(Schema schema, byte[] shortest) {
            if (habit != LONG_DECIMALS
                    || !(schema.getLogicalType() instanceof LogicalTypes.Decimal)) {
                return shortest;
            }
            int more = 1 + random.nextInt(20);
            byte[] longer = new byte[shortest.length + more];
            Arrays.fill(longer, 0, more, (byte) (shortest[0] >> 7));
            System.arraycopy(shortest, 0, longer, more, shortest.length);
            return longer;
        }

        private String text(Schema schema, String text) {
            boolean uuid =
                    schema.getLogicalType() != null
                            && schema.getLogicalType().getName().equals("uuid");
            return habit == UPPER_CASE_UUIDS && uuid ? text.toUpperCase(Locale.ROOT) : text;
        }
    }
}
