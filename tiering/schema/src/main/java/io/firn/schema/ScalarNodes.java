package io.firn.schema;

import io.firn.schema.ColumnLayout.Place;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Nodes with one leaf. What is a value, but none that a column of the type holds or an engine
/// reads, costs its own cell.
final class ScalarNodes {
    private ScalarNodes() {}

    /// int, long and all dates and times: a varint, kept multiplied by `scale`.
    static final class Number extends AvroNode {
        private final boolean isInt;
        private final long least;
        private final long most;
        private final long scale;

        /// @param isInt whether Avro's type is int and not long
        /// @param least of what the column holds
        Number(Place place, boolean isInt, long least, long most, long scale) {
            super(place);
            this.isInt = isInt;
            this.least = least;
            this.most = most;
            this.scale = scale;
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            long value = in.readVarlong();
            if (isInt && value != (int) value) {
                throw AvroInput.Malformed.VALUE;
            }
            if (value < least || value > most) {
                misfit(in, columns, rep);
            } else {
                columns[first].addWord(rep, value * scale);
            }
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            ColumnBuffer column = columns[first];
            out.putVarlong(scale == 1 ? column.word() : column.word() / scale);
            column.next();
        }
    }

    static final class Bool extends AvroNode {
        Bool(Place place) {
            super(place);
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            int value = in.readByte();
            if ((value & ~1) != 0) {
                throw AvroInput.Malformed.VALUE;
            }
            columns[first].addWord(rep, value);
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            out.put((int) columns[first].word());
            columns[first].next();
        }
    }

    /// float and double by their bits, so a NaN keeps its payload.
    static final class Floating extends AvroNode {
        private final int width;
        private final boolean widened;

        /// @param widened a float in a column that has become double
        Floating(Place place, int width, boolean widened) {
            super(place);
            this.width = width;
            this.widened = widened;
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            long bits = in.readLittleEndian(width);
            columns[first].addWord(
                    rep,
                    widened ? Double.doubleToRawLongBits(Float.intBitsToFloat((int) bits)) : bits);
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            long bits = columns[first].word();
            out.putLittleEndian(
                    widened ? Float.floatToRawIntBits((float) Double.longBitsToDouble(bits)) : bits,
                    width);
            columns[first].next();
        }
    }

    /// bytes and string.
    static final class Bytes extends AvroNode {
        private final boolean text;

        Bytes(Place place, boolean text) {
            super(place);
            this.text = text;
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            int length = in.readCount();
            int from = in.skip(length);
            if (text && !Utf8.valid(in.bytes(), from, from + length)) {
                in.misfit();
                byte[] readable = Utf8.replaced(in.bytes(), from, length);
                columns[first].addBytes(rep, readable, 0, readable.length);
                return;
            }
            columns[first].addBytes(rep, in.bytes(), from, length);
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            ColumnBuffer column = columns[first];
            int from = column.from();
            int length = column.to() - from;
            out.putVarlong(length);
            out.put(column.data(), from, length);
            column.next();
        }
    }

    static final class Fixed extends AvroNode {
        private final int length;

        Fixed(Place place, int length) {
            super(place);
            this.length = length;
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            columns[first].addBytes(rep, in.bytes(), in.skip(length), length);
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            out.put(columns[first].data(), columns[first].from(), length);
            columns[first].next();
        }
    }

    /// An enum's symbol as text.
    static final class Symbol extends AvroNode {
        private final byte[][] symbols;

        Symbol(Place place, List<String> symbols) {
            super(place);
            this.symbols =
                    symbols.stream()
                            .map(s -> s.getBytes(StandardCharsets.UTF_8))
                            .toArray(byte[][]::new);
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            long index = in.readVarlong();
            if (index < 0 || index >= symbols.length) {
                throw AvroInput.Malformed.VALUE;
            }
            byte[] symbol = symbols[(int) index];
            columns[first].addBytes(rep, symbol, 0, symbol.length);
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            ColumnBuffer column = columns[first];
            for (int i = 0; i < symbols.length; i++) {
                byte[] symbol = symbols[i];
                if (Arrays.equals(
                        symbol, 0, symbol.length, column.data(), column.from(), column.to())) {
                    out.putVarlong(i);
                    column.next();
                    return;
                }
            }
            throw new IllegalStateException(
                    "Cannot rebuild a value: its enum has no symbol as in the table");
        }
    }

    /// A uuid written as text: 36 characters; only lower case comes back.
    static final class UuidText extends AvroNode {
        private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        private static final int LENGTH = 36;
        private final byte[] scratch = new byte[16];

        UuidText(Place place) {
            super(place);
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            int length = in.readCount();
            int from = in.skip(length);
            if (length == LENGTH && parse(in, from)) {
                columns[first].addBytes(rep, scratch, 0, 16);
            } else {
                misfit(in, columns, rep);
            }
        }

        private boolean parse(AvroInput in, int from) {
            byte[] text = in.bytes();
            int at = from;
            for (int i = 0; i < 16; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10) {
                    if (text[at++] != '-') {
                        return false;
                    }
                }
                int high = digit(text[at], in);
                int low = digit(text[at + 1], in);
                if (high < 0 || low < 0) {
                    return false;
                }
                scratch[i] = (byte) (high << 4 | low);
                at += 2;
            }
            return true;
        }

        private static int digit(byte c, AvroInput in) {
            if (c >= '0' && c <= '9') {
                return c - '0';
            }
            if (c >= 'a' && c <= 'f') {
                return c - 'a' + 10;
            }
            if (c >= 'A' && c <= 'F') {
                in.inexact();
                return c - 'A' + 10;
            }
            return -1;
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            byte[] data = columns[first].data();
            int from = columns[first].from();
            out.putVarlong(LENGTH);
            for (int i = 0; i < 16; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10) {
                    out.put('-');
                }
                out.put(HEX[(data[from + i] >> 4) & 15]);
                out.put(HEX[data[from + i] & 15]);
            }
            columns[first].next();
        }
    }

    /// A subtree's Avro bytes as they are.
    static final class Opaque extends AvroNode {
        private final org.apache.avro.Schema schema;

        Opaque(Place place, org.apache.avro.Schema schema) {
            super(place);
            this.schema = schema;
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            int from = in.position();
            AvroSkipper.skip(schema, in, 0);
            columns[first].addBytes(rep, in.bytes(), from, in.position() - from);
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            ColumnBuffer column = columns[first];
            out.put(column.data(), column.from(), column.to() - column.from());
            column.next();
        }
    }
}
