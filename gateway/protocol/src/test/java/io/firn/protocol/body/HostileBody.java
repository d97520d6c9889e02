package io.firn.protocol.body;

import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Bodies of requests that are made to cost as much as they can: their names collide, their entries
/// nest. Of any API and version there is ([BodyMaker]).
public final class HostileBody implements BodyMaker.Filling {
    /// What a body is made of.
    public enum Shape {
        /// Names of one hash, as many as there is room for.
        ALIKE,
        /// Names that share a slot of the table that the parser makes for so many.
        SLOTS,
        /// Entries that hold nothing.
        TINY,
        /// Entries in entries.
        NESTED,
        /// Tagged fields that nobody knows.
        TAGS,
        /// The longest texts there are.
        LONG,
        /// One name and one number again and again, in as many entries as a loop looks at.
        SAME,
        /// No names, in as many entries.
        NAMELESS,
        /// One long name, and everything else below it.
        WIDE
    }

    private static final String LONGEST = "a".repeat(32_000);
    private static final int FEW = 1500;
    private static final int ON_A_LOOP = 2000;
    private static final int ALIKE_BITS = 14;
    private static final int NESTED_IN_EACH = 30;
    private static final List<String> SHARING = sharing();

    private final Shape shape;
    private final int bytes;
    private final int percent;
    private int texts;

    private HostileBody(Shape shape, int bytes, int percent) {
        this.shape = shape;
        this.bytes = bytes;
        this.percent = percent;
    }

    /// A body of this shape, as near to so many bytes as it comes.
    public static ByteBuffer of(ApiKeys key, short version, Shape shape, int bytes) {
        for (int percent = 100; percent > 1; percent = percent * 2 / 3) {
            try {
                HostileBody filling = new HostileBody(shape, bytes, percent);
                return BodyMaker.body(key, version, bytes, filling);
            } catch (BufferOverflowException e) {
                // several arrays share the room
            }
        }
        throw new IllegalStateException("%s %d %s".formatted(key, version, shape));
    }

    @Override
    public int entries(int depth, int elementBytes, boolean nests) {
        long most =
                switch (shape) {
                    case ALIKE -> depth == 1 ? bytes / (elementBytes + 2 * ALIKE_BITS) : 0;
                    case SLOTS -> depth == 1 ? Math.min(FEW, bytes / (elementBytes + 8)) : 0;
                    case TINY -> depth == 1 ? bytes / elementBytes : 0;
                    case NESTED ->
                            nests
                                    ? NESTED_IN_EACH
                                    : bytes
                                            / (elementBytes + 2)
                                            / (long) Math.pow(NESTED_IN_EACH, depth - 1);
                    case TAGS -> depth == 1 ? 100 : 0;
                    case LONG -> depth == 1 ? bytes / (LONGEST.length() + elementBytes) : 0;
                    case SAME, NAMELESS ->
                            depth == 1 ? Math.min(ON_A_LOOP, bytes / (elementBytes + 1)) : 0;
                    case WIDE -> depth == 1 && nests ? 1 : bytes / 2 / (elementBytes + 2);
                };
        return (int) (most * percent / 100);
    }

    @Override
    public @Nullable String text() {
        int i = texts++;
        return switch (shape) {
            case ALIKE -> alike(i);
            case SLOTS -> SHARING.get(i % FEW);
            case TINY, NESTED, TAGS -> "";
            case SAME -> "a";
            case NAMELESS -> null;
            case WIDE -> i < 2 ? LONGEST.substring(0, bytes / 4 % LONGEST.length()) : "b";
            case LONG -> percent == 100 && bytes < LONGEST.length() * 3 ? "b" : LONGEST;
        };
    }

    @Override
    public long number(int size) {
        return 1;
    }

    @Override
    public int unknownTags(int depth) {
        return shape != Shape.TAGS ? 0 : depth == 0 ? 1000 : bytes / 100 / 4 * percent / 100;
    }

    @Override
    public int bytes() {
        return 0;
    }

    @Override
    public boolean optional() {
        return shape == Shape.NESTED;
    }

    private static String alike(int i) {
        StringBuilder name = new StringBuilder();
        for (int bit = 0; bit < ALIKE_BITS; bit++) {
            name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return name.toString();
    }

    private static List<String> sharing() {
        List<String> found = new ArrayList<>();
        for (int i = 0; found.size() < FEW; i++) {
            String name = Integer.toString(i, 36);
            if ((name.hashCode() & Integer.MAX_VALUE) % (2 * FEW + 1) == 5) {
                found.add(name);
            }
        }
        return found;
    }
}
