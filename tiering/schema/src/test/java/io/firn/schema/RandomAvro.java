package io.firn.schema;

import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.EncoderFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/// Random Avro schemas and values of them, the same for the same seed.
final class RandomAvro {
    private final Random random;
    private int names;
    private int many = 20; // lists of lists of many would be too many

    RandomAvro(long seed) {
        random = new Random(seed);
    }

    Schema record(int depth) {
        List<Schema.Field> fields = new ArrayList<>();
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            fields.add(
                    new Schema.Field(
                            "f" + names++,
                            fields.isEmpty() ? sized(depth + 1) : schema(depth + 1)));
        }
        return Schema.createRecord("R" + names++, null, "firn.test", false, fields);
    }

    /// A type whose values have bytes.
    private Schema sized(int depth) {
        Schema schema = schema(depth);
        while (schema.getType() == Schema.Type.NULL) {
            schema = schema(depth);
        }
        return schema;
    }

    private Schema schema(int depth) {
        int kinds = depth > 3 ? 18 : 24;
        return switch (random.nextInt(kinds)) {
            case 0 -> Schema.create(Schema.Type.NULL);
            case 1 -> Schema.create(Schema.Type.BOOLEAN);
            case 2 -> Schema.create(Schema.Type.INT);
            case 3 -> Schema.create(Schema.Type.LONG);
            case 4 -> Schema.create(Schema.Type.FLOAT);
            case 5 -> Schema.create(Schema.Type.DOUBLE);
            case 6 -> Schema.create(Schema.Type.BYTES);
            case 7, 8 -> Schema.create(Schema.Type.STRING);
            case 9 -> Schema.createEnum("E" + names++, null, "firn.test", List.of("A", "B", "CC"));
            case 10 -> Schema.createFixed("F" + names++, null, "firn.test", 1 + random.nextInt(20));
            case 11 -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
            case 12 -> LogicalTypes.timeMillis().addToSchema(Schema.create(Schema.Type.INT));
            case 13 -> LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
            case 14 -> LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
            case 15 -> LogicalTypes.uuid().addToSchema(Schema.create(Schema.Type.STRING));
            case 16 ->
                    LogicalTypes.decimal(new int[] {4, 9, 15, 18, 25, 38}[random.nextInt(6)], 2)
                            .addToSchema(Schema.create(Schema.Type.BYTES));
            case 17 ->
                    LogicalTypes.decimal(new int[] {4, 9, 15, 18, 25, 38}[random.nextInt(6)], 2)
                            .addToSchema(Schema.createFixed("D" + names++, null, "firn.test", 17));
            case 18, 19 -> {
                Schema type = schema(depth + 1);
                while (type.getType() == Schema.Type.NULL || type.getType() == Schema.Type.UNION) {
                    type = schema(depth + 1);
                }
                Schema none = Schema.create(Schema.Type.NULL);
                yield random.nextBoolean()
                        ? Schema.createUnion(none, type)
                        : Schema.createUnion(type, none);
            }
            case 20 -> Schema.createArray(sized(depth + 1));
            case 21 -> Schema.createMap(sized(depth + 1));
            case 22 ->
                    Schema.createUnion(
                            Schema.create(Schema.Type.STRING),
                            Schema.create(Schema.Type.NULL),
                            record(depth + 1),
                            Schema.create(Schema.Type.LONG));
            default -> record(depth + 1);
        };
    }

    Object value(Schema schema) {
        String logical = schema.getLogicalType() == null ? "" : schema.getLogicalType().getName();
        return switch (schema.getType()) {
            case NULL -> null;
            case BOOLEAN -> random.nextBoolean();
            case INT ->
                    logical.equals("time-millis")
                            ? random.nextInt(86_400_000)
                            : logical.equals("date")
                                    ? random.nextInt(2_000_000) - 100_000
                                    : random.nextInt() >> random.nextInt(32);
            case LONG ->
                    logical.isEmpty()
                            ? random.nextLong() >> random.nextInt(64)
                            : random.nextLong() >> 18 + random.nextInt(40);
            case FLOAT -> random.nextInt(5) == 0 ? Float.NaN : random.nextFloat();
            case DOUBLE -> random.nextInt(5) == 0 ? -0.0 : random.nextGaussian();
            case BYTES ->
                    schema.getLogicalType() instanceof LogicalTypes.Decimal decimal
                            ? ByteBuffer.wrap(unscaled(decimal).toByteArray())
                            : ByteBuffer.wrap(bytes(random.nextInt(20)));
            case STRING ->
                    logical.equals("uuid")
                            ? new UUID(random.nextLong(), random.nextLong()).toString()
                            : "sträng😀".substring(0, random.nextInt(7)) + random.nextInt(9);
            case ENUM ->
                    new GenericData.EnumSymbol(
                            schema,
                            schema.getEnumSymbols()
                                    .get(random.nextInt(schema.getEnumSymbols().size())));
            case FIXED -> {
                if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
                    byte[] small = unscaled(decimal).toByteArray();
                    byte[] wide = new byte[schema.getFixedSize()];
                    java.util.Arrays.fill(wide, (byte) (small[0] >> 7));
                    System.arraycopy(small, 0, wide, wide.length - small.length, small.length);
                    yield new GenericData.Fixed(schema, wide);
                }
                yield new GenericData.Fixed(schema, bytes(schema.getFixedSize()));
            }
            case RECORD -> {
                GenericData.Record record = new GenericData.Record(schema);
                schema.getFields().forEach(field -> record.put(field.pos(), value(field.schema())));
                yield record;
            }
            case UNION -> value(schema.getTypes().get(random.nextInt(schema.getTypes().size())));
            case ARRAY -> {
                List<Object> items = new ArrayList<>();
                for (int i = items(); i > 0; i--) {
                    items.add(value(schema.getElementType()));
                }
                yield items;
            }
            case MAP -> {
                Map<String, Object> items = new LinkedHashMap<>();
                for (int i = items(); i > 0; i--) {
                    items.put("k" + random.nextInt(), value(schema.getValueType()));
                }
                yield items;
            }
        };
    }

    /// A few, and now and then so many that they make several blocks (of which one may be full).
    private int items() {
        if (random.nextInt(40) > 0 || many == 0) {
            return random.nextInt(4);
        }
        many--;
        return 98 + random.nextInt(150);
    }

    private BigInteger unscaled(LogicalTypes.Decimal decimal) {
        BigInteger value =
                new BigInteger(1 + random.nextInt(126), random)
                        .mod(BigInteger.TEN.pow(decimal.getPrecision()));
        return random.nextBoolean() ? value : value.negate();
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    byte[] encode(Schema schema, Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            var encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new GenericDatumWriter<Object>(schema).write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
