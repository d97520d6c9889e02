package io.firn.schema;

import io.firn.schema.ColumnLayout.Place;

import java.math.BigInteger;

/// A decimal: big-endian two's complement in Avro, as `bytes` (shortest form) or as a fixed.
final class DecimalNode extends AvroNode {
    private final int fixedLength;
    private final Physical physical;
    private final BigInteger bound;
    private final long wordBound;
    private final byte[] scratch = new byte[16];

    /// @param fixedLength length of the Avro fixed, 0 for `bytes`
    DecimalNode(Place place, int fixedLength, int precision) {
        super(place);
        this.fixedLength = fixedLength;
        this.physical = Physical.of(place.column().type());
        this.bound = BigInteger.TEN.pow(precision);
        this.wordBound = precision <= 18 ? bound.longValueExact() : Long.MAX_VALUE;
    }

    @Override
    void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
        int length = fixedLength > 0 ? fixedLength : in.readCount();
        if (length == 0) {
            throw AvroInput.Malformed.VALUE;
        }
        byte[] bytes = in.bytes();
        int from = in.skip(length);
        if (physical.isBytes()) {
            shredWide(bytes, from, length, columns, rep);
            return;
        }
        while (length > 8) {
            if (bytes[from] != (byte) (bytes[from + 1] >> 7)) {
                throw AvroInput.Malformed.VALUE; // more than a word
            }
            from++;
            length--;
        }
        long value = bytes[from]; // the sign
        for (int i = 1; i < length; i++) {
            value = value << 8 | bytes[from + i] & 0xff;
        }
        if (value <= -wordBound || value >= wordBound) {
            throw AvroInput.Malformed.VALUE;
        }
        columns[first].addWord(rep, value);
    }

    private void shredWide(byte[] bytes, int from, int length, ColumnBuffer[] columns, int rep) {
        if (new BigInteger(bytes, from, length).abs().compareTo(bound) >= 0) {
            throw AvroInput.Malformed.VALUE;
        }
        int size = physical.length();
        byte sign = (byte) (bytes[from] >> 7);
        for (int i = 0; i < size; i++) {
            int source = length - size + i;
            scratch[i] = source < 0 ? sign : bytes[from + source];
        }
        columns[first].addBytes(rep, scratch, 0, size);
    }

    @Override
    void encode(ColumnBuffer[] columns, ByteSink out) {
        ColumnBuffer column = columns[first];
        byte[] data;
        int from;
        int size;
        if (column.ofBytes()) {
            data = column.data();
            from = column.from();
            size = column.to() - from;
        } else {
            long value = column.word();
            for (int i = 0; i < 8; i++) {
                scratch[i] = (byte) (value >>> (56 - 8 * i));
            }
            data = scratch;
            from = 0;
            size = 8;
        }
        write(data, from, size, out);
        column.next();
    }

    private void write(byte[] data, int from, int size, ByteSink out) {
        int sign = data[from] >> 7;
        if (fixedLength > 0) {
            for (int i = size; i < fixedLength; i++) {
                out.put(sign);
            }
            int kept = Math.min(size, fixedLength);
            out.put(data, from + size - kept, kept);
            return;
        }
        int skip = 0;
        while (skip < size - 1 && data[from + skip] == sign && data[from + skip + 1] >> 7 == sign) {
            skip++;
        }
        out.putVarlong(size - skip);
        out.put(data, from + skip, size - skip);
    }
}
