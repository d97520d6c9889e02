package io.firn.demo;

import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/// One departure: a line of `flights.csv`, whose fields are in [#FIELDS] order and `NA` when
/// unknown.
///
/// @param number the line's number, from 0; it is the record's key
/// @param fields the line's fields
record Flight(int number, List<String> fields) {
    /// How a column is written in Avro and JSON.
    private enum Kind {
        INT,
        STRING,
        TIME
    }

    private record Field(String name, Kind kind) {}

    private static final List<Field> FIELDS =
            List.of(
                    new Field("year", Kind.INT),
                    new Field("month", Kind.INT),
                    new Field("day", Kind.INT),
                    new Field("dep_time", Kind.INT),
                    new Field("sched_dep_time", Kind.INT),
                    new Field("dep_delay", Kind.INT),
                    new Field("arr_time", Kind.INT),
                    new Field("sched_arr_time", Kind.INT),
                    new Field("arr_delay", Kind.INT),
                    new Field("carrier", Kind.STRING),
                    new Field("flight", Kind.INT),
                    new Field("tailnum", Kind.STRING),
                    new Field("origin", Kind.STRING),
                    new Field("dest", Kind.STRING),
                    new Field("air_time", Kind.INT),
                    new Field("distance", Kind.INT),
                    new Field("hour", Kind.INT),
                    new Field("minute", Kind.INT),
                    new Field("time_hour", Kind.TIME));

    static Flight parse(int number, String line) {
        List<String> fields = Arrays.asList(line.split(",", -1));
        if (fields.size() != FIELDS.size()) {
            throw new DemoException(
                    "Cannot read flight %d of the data set: it has %d fields and should have %d."
                            .formatted(number, fields.size(), FIELDS.size()));
        }
        return new Flight(number, fields);
    }

    static String avroSchema() {
        var text =
                new StringBuilder(
                        "{\"type\":\"record\",\"name\":\"Flight\",\"namespace\":\"nyc\",\"fields\":[");
        for (int i = 0; i < FIELDS.size(); i++) {
            String type =
                    switch (FIELDS.get(i).kind()) {
                        case INT -> "\"int\"";
                        case STRING -> "\"string\"";
                        case TIME -> "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}";
                    };
            text.append(i == 0 ? "" : ",")
                    .append(
                            "{\"name\":\"%s\",\"type\":[\"null\",%s]}"
                                    .formatted(FIELDS.get(i).name(), type));
        }
        return text.append("]}").toString();
    }

    byte[] key() {
        return Integer.toString(number).getBytes(StandardCharsets.UTF_8);
    }

    /// Confluent's wire format: a zero byte, the schema's id, the Avro bytes.
    byte[] avro(int schemaId) {
        try {
            var out = new ByteArrayOutputStream(128);
            out.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array());
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            for (int i = 0; i < FIELDS.size(); i++) {
                String text = fields.get(i);
                if (unknown(text)) {
                    encoder.writeIndex(0);
                    continue;
                }
                encoder.writeIndex(1);
                switch (FIELDS.get(i).kind()) {
                    case INT -> encoder.writeInt(Integer.parseInt(text));
                    case STRING -> encoder.writeString(text);
                    case TIME -> encoder.writeLong(Instant.parse(text).toEpochMilli());
                }
            }
            encoder.flush();
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot encode flight " + number, e);
        }
    }

    byte[] json() {
        var text = new StringBuilder(360).append('{');
        for (int i = 0; i < FIELDS.size(); i++) {
            text.append(i == 0 ? "\"" : ",\"").append(FIELDS.get(i).name()).append("\":");
            String value = fields.get(i);
            if (unknown(value)) {
                text.append("null");
            } else if (FIELDS.get(i).kind() == Kind.INT) {
                text.append(value);
            } else {
                text.append('"').append(value).append('"');
            }
        }
        return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static boolean unknown(String text) {
        return text.isEmpty() || text.equals("NA");
    }
}
