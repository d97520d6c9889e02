package io.firn.schema;

import java.util.Arrays;
import java.util.Objects;

/// The values of one leaf column for a run of rows, with Dremel's repetition and definition levels.
/// Appended to by one thread, then read by a cursor. Numbers are kept as `long` (floating point as
/// raw bits), all else as bytes.
public final class ColumnBuffer {
    private static final byte[] NO_BYTES = {};
    private final int maxRepetition;
    private final int maxDefinition;
    private final boolean ofBytes;
    private byte[] repetition;
    private byte[] definition;
    private int entries;
    private long[] words;
    private byte[] data;
    private int[] ends;
    private int values;
    private int readEntry;
    private int readValue;

    public ColumnBuffer(ColumnLayout.Leaf leaf) {
        this.maxRepetition = leaf.maxRepetition();
        this.maxDefinition = leaf.maxDefinition();
        this.ofBytes = leaf.physical().isBytes();
        this.repetition = maxRepetition > 0 ? new byte[256] : NO_BYTES;
        this.definition = new byte[256];
        this.words = ofBytes ? new long[0] : new long[256];
        this.data = ofBytes ? new byte[1024] : NO_BYTES;
        this.ends = new int[ofBytes ? 256 : 0];
    }

    /// Adds an entry without a value, defined up to `def`.
    public void addNull(int rep, int def) {
        addEntry(rep, def);
    }

    /// Adds a number.
    public void addWord(int rep, long value) {
        addEntry(rep, maxDefinition);
        if (values == words.length) {
            words = Arrays.copyOf(words, values * 2);
        }
        words[values++] = value;
    }

    /// Adds a copy of bytes.
    public void addBytes(int rep, byte[] source, int from, int length) {
        addEntry(rep, maxDefinition);
        if (values == ends.length) {
            ends = Arrays.copyOf(ends, values * 2);
        }
        int begin = values == 0 ? 0 : ends[values - 1];
        int end = Math.addExact(begin, length);
        if (end > data.length) {
            data =
                    Arrays.copyOf(
                            data,
                            (int)
                                    Math.min(
                                            Integer.MAX_VALUE - 16,
                                            Math.max(end, data.length * 2L)));
        }
        System.arraycopy(source, from, data, begin, length);
        ends[values++] = end;
    }

    private void addEntry(int rep, int def) {
        if (entries == definition.length) {
            definition = Arrays.copyOf(definition, entries * 2);
            if (maxRepetition > 0) {
                repetition = Arrays.copyOf(repetition, entries * 2);
            }
        }
        if (maxRepetition > 0) {
            repetition[entries] = (byte) rep;
        }
        definition[entries++] = (byte) def;
    }

    /// Where the next entry will go, for {@link #rollback} and {@link #seek}.
    public long mark() {
        return ((long) entries << 32) | values;
    }

    /// Forgets what was added after `mark`.
    public void rollback(long mark) {
        entries = (int) (mark >>> 32);
        values = (int) mark;
    }

    /// Empties the buffer and keeps its memory.
    public void clear() {
        rollback(0);
        seek(0);
    }

    /// Puts the cursor on the entry that was next when `mark` was taken.
    public void seek(long mark) {
        readEntry = (int) (mark >>> 32);
        readValue = (int) mark;
    }

    /// Place of the cursor, for {@link #seek}.
    public long position() {
        return ((long) readEntry << 32) | readValue;
    }

    public boolean atEnd() {
        return readEntry >= entries;
    }

    /// Repetition level at the cursor; 0 at the end, as if the next row began.
    public int repetition() {
        return maxRepetition == 0 || readEntry >= entries ? 0 : repetition[readEntry];
    }

    public int definition() {
        return definition[Objects.checkIndex(readEntry, entries)];
    }

    /// Whether the entry at the cursor has a value.
    public boolean present() {
        return definition() == maxDefinition;
    }

    /// Moves the cursor to the next entry.
    public void next() {
        if (readEntry >= entries) {
            throw new IllegalStateException(
                    "Cannot read column entry %d: there are %d".formatted(readEntry, entries));
        }
        if (definition[readEntry++] == maxDefinition) {
            readValue++;
        }
    }

    /// Moves the cursor past the row that it is in.
    public void nextRow() {
        do {
            next();
        } while (repetition() > 0);
    }

    /// How many list items begin at the cursor: entries at `level` up to the next one below it.
    public int itemsAt(int level) {
        int count = 1;
        for (int i = readEntry + 1; i < entries && repetition[i] >= level; i++) {
            if (repetition[i] == level) {
                count++;
            }
        }
        return count;
    }

    /// The number at the cursor.
    public long word() {
        return words[Objects.checkIndex(readValue, values)];
    }

    /// Where the bytes at the cursor begin in {@link #data}.
    public int from() {
        return readValue == 0 ? 0 : ends[readValue - 1];
    }

    public int to() {
        return ends[Objects.checkIndex(readValue, values)];
    }

    /// Backing bytes; not to be changed, and replaced when the buffer grows.
    public byte[] data() {
        return data;
    }

    /// Bytes that its values take; a number counts as eight.
    public long valueBytes() {
        return ofBytes ? (values == 0 ? 0 : ends[values - 1]) : (long) values * Long.BYTES;
    }

    /// Bytes of memory that it keeps when it is emptied.
    public long keptBytes() {
        return data.length
                + (long) words.length * Long.BYTES
                + (long) ends.length * Integer.BYTES
                + definition.length
                + repetition.length;
    }

    public int entries() {
        return entries;
    }

    public int values() {
        return values;
    }

    public boolean ofBytes() {
        return ofBytes;
    }

    /// Levels of entry `i`.
    public int repetitionAt(int i) {
        return maxRepetition == 0 ? 0 : repetition[i];
    }

    public int definitionAt(int i) {
        return definition[i];
    }

    public long wordAt(int value) {
        return words[value];
    }

    public int fromAt(int value) {
        return value == 0 ? 0 : ends[value - 1];
    }

    public int toAt(int value) {
        return ends[value];
    }

    public int maxRepetition() {
        return maxRepetition;
    }

    public int maxDefinition() {
        return maxDefinition;
    }
}
