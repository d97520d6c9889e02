package io.firn.schema;

import io.firn.schema.ColumnLayout.Place;

import java.math.BigInteger;

/// A decimal: big-endian two's complement in Avro, as `bytes` (of which only the shortest come
/// back) or as a fixed.
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
        byte[] bytes = in.bytes();
        int from = in.skip(length);
        if (length == 0) {
            misfit(in, columns, rep);
            return;
        }
        int to = from + length;
        while (to - from > 1 && bytes[from] == (byte) (bytes[from + 1] >> 7)) {
            from++; // says nothing but the sign
        }
        if (fixedLength == 0 && to - from < length) {
            in.inexact();
        }
        if (physical.isBytes()) {
            shredWide(in, from, to - from, columns, rep);
        } else if (to - from > Long.BYTES) {
            misfit(in, columns, rep);
        } else {
            shredWord(in, from, to, columns, rep);
        }
    }

    private void shredWord(AvroInput in, int from, int to, ColumnBuffer[] columns, int rep) {
        byte[] bytes = in.bytes();
        long value = bytes[from]; // the sign
        for (int i = from + 1; i < to; i++) {
            value = value << 8 | bytes[i] & 0xff;
        }
        if (value <= -wordBound || value >= wordBound) {
            misfit(in, columns, rep);
        } else {
            columns[first].addWord(rep, value);
        }
    }

    private void shredWide(AvroInput in, int from, int length, ColumnBuffer[] columns, int rep) {
        byte[] bytes = in.bytes();
        int size = physical.length();
        if (length > size || new BigInteger(bytes, from, length).abs().compareTo(bound) >= 0) {
            misfit(in, columns, rep);
            return;
        }
        byte sign = (byte) (bytes[from] >> 7);
        for (int i = 0; i < size; i++) {
            int source = length - size + i;
            scratch[i] = source < 0 ? sign : bytes[from + source];
        }
        columns[first].addBytes(rep, scratch, 0, size);
    }

    @Override
    void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
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
