package io.firn.protocol.body;

import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Walks over a request's bytes as its parser will, and makes nothing of them (G12): counts what
/// they would become, and refuses keys that were chosen to collide. Takes a few nanoseconds an
/// entry; records are skipped. Thread safe.
public final class BodyWeigher {
    /// A request for 100,000 partitions takes 10 MiB. More than this is refused.
    public static final int MOST_HEAP_BYTES = 64 * 1024 * 1024;

    /// Tagged fields of one struct that its parser takes (KAFKA-19963).
    private static final int MOST_TAGS = 10_000;

    /// A hash table of fewer elements is not slow, whatever they are.
    private static final int SMALL_TABLE = 16;

    /// Whose answers, also Kafka's own that say an error of each entry, keep what clients named in
    /// hash tables.
    static final Set<ApiKeys> ANSWERED_IN_TABLES =
            EnumSet.of(
                    ApiKeys.METADATA,
                    ApiKeys.CREATE_TOPICS,
                    ApiKeys.DELETE_TOPICS,
                    ApiKeys.DELETE_RECORDS,
                    ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                    ApiKeys.DELETE_GROUPS,
                    ApiKeys.OFFSET_DELETE,
                    ApiKeys.DESCRIBE_TOPIC_PARTITIONS);

    /// What a walk is given up at.
    ///
    /// @param entries elements of arrays and tagged fields, at all depths
    /// @param steps of parser and answer in hash tables, in all of them together
    private record Bounds(int entries, long steps) {}

    /// Each entry may take its handler a microsecond, each step a nanosecond.
    private static final Bounds SMALL = new Bounds(2048, 500_000);

    private static final Bounds WORTH = new Bounds(Integer.MAX_VALUE, 40_000_000);

    private record Api(ApiKeys key, short version) {}

    private static final ConcurrentMap<Api, Layout> LAYOUTS = new ConcurrentHashMap<>();

    private final String prefix;

    /// @param prefix that names get inside the cluster
    public BodyWeigher(String prefix) {
        this.prefix = prefix;
    }

    /// @param body from its position on; its position is moved
    /// @throws InvalidRequestException if the bytes are no such request, or would cost more than
    ///     they are worth
    public BodyWeight weigh(ApiKeys key, short version, ByteBuffer body) {
        try {
            return weigh(key, version, body, WORTH);
        } catch (Exceeded e) {
            throw new InvalidRequestException(e.getMessage());
        }
    }

    /// As the other, for bodies that cost next to nothing.
    ///
    /// @return empty if it is not known to be one of these
    public Optional<BodyWeight> weighSmall(ApiKeys key, short version, ByteBuffer body) {
        try {
            return Optional.of(weigh(key, version, body, SMALL));
        } catch (Exceeded e) {
            return Optional.empty();
        }
    }

    private BodyWeight weigh(ApiKeys key, short version, ByteBuffer body, Bounds bounds) {
        Walk walk = new Walk(key, body, version, bounds);
        try {
            walk.over(layout(key, version));
            walk.end();
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new InvalidRequestException("The request ends in the middle of a field", e);
        }
        return new BodyWeight(Math.toIntExact(walk.heapBytes), walk.entries);
    }

    static Layout layout(ApiKeys key, short version) {
        Api api = new Api(key, version);
        Layout known = LAYOUTS.get(api);
        return known == null ? LAYOUTS.computeIfAbsent(api, BodyWeigher::read) : known;
    }

    private static Layout read(Api api) {
        Schema schema = api.key().messageType.requestSchemas()[api.version()];
        return LayoutReader.read(schema, api.key().messageType.newRequest().getClass());
    }

    /// Stops a walk.
    static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exceeded(String what) {
            super(what, null, false, false);
        }
    }

    private final class Walk {
        private static final int LIST_BYTES = 24 + 16;
        private static final int TEXT_BYTES = 24 + 16;
        private static final int ARRAY_BYTES = 16;
        private static final int BUFFER_BYTES = 64 + 24;
        private static final int RAW_TAG_BYTES = 24 + 8;

        private final ByteBuffer body;
        private final short version;
        private final Bounds bounds;
        private final boolean answeredInTables;
        private @Nullable NameHashes names;
        private long heapBytes;
        private long steps;
        private long repeats;
        private int entries;

        /// Whether the next text is the first one of an element whose key is a text.
        private boolean keyComes;

        private int key;

        // Of the topic, or whatever it is, that was named last.
        private int topic;
        private int topicInside;
        private boolean inPartitions;
        private final PairHashes partitions = new PairHashes();

        Walk(ApiKeys api, ByteBuffer body, short version, Bounds bounds) {
            this.answeredInTables = ANSWERED_IN_TABLES.contains(api);
            this.body = body;
            this.version = version;
            this.bounds = bounds;
        }

        void end() {
            if (names != null) {
                names.check(bounds.steps() - steps);
            }
            if (steps + repeats > bounds.steps()) {
                throw new Exceeded(
                        "the request has the same names so often that it would take too long to answer; ask once for each");
            }
            partitions.check();
        }

        void over(Layout layout) {
            switch (layout) {
                case Layout.Fixed fixed -> {
                    skip(fixed.bytes());
                    heap(fixed.heapBytes());
                }
                case Layout.Text text -> text(text);
                case Layout.Bytes bytes -> bytes(bytes);
                case Layout.Array array -> array(array);
                case Layout.Struct struct -> struct(struct);
                case Layout.Tagged tagged -> tagged(tagged);
            }
        }

        private void text(Layout.Text text) {
            int length = text.compact() ? varint() - 1 : body.getShort();
            if (length < 0) {
                return;
            }
            int start = body.position();
            skip(length);
            if (names == null) {
                names = new NameHashes(prefix);
            }
            boolean ascii = names.add(body, start, length);
            topic = names.lastHash();
            topicInside = names.lastInsideHash();
            if (keyComes) {
                keyComes = false;
                key = names.lastHash();
            }
            heap(TEXT_BYTES + (ascii ? length : 2L * length));
        }

        private void bytes(Layout.Bytes bytes) {
            int length = bytes.compact() ? varint() - 1 : body.getInt();
            if (length >= 0) {
                skip(length);
                heap(bytes.copied() ? ARRAY_BYTES + (long) length : BUFFER_BYTES);
            }
        }

        private void array(Layout.Array array) {
            int length = array.compact() ? varint() - 1 : body.getInt();
            if (length < 0) {
                return;
            }
            if (length > body.remaining()) {
                throw new InvalidRequestException(
                        "The request has an array of %d entries in %d bytes"
                                .formatted(length, body.remaining()));
            }
            count(length);
            heap(LIST_BYTES);
            MethodHandle parse = array.parse();
            boolean outerComes = keyComes;
            int outerKey = key;
            keyComes = false;
            if (array.element() instanceof Layout.Fixed fixed) {
                skip(Math.multiplyExact(length, fixed.bytes()));
                heap((long) length * fixed.heapBytes());
            } else if (parse != null && length > SMALL_TABLE) {
                keyed(length, array.element(), parse);
            } else if (parse == null && array.key() == Layout.Key.NUMBER && !inPartitions) {
                partitions(length, array.element());
            } else if (parse == null && answeredInTables && array.key() == Layout.Key.TEXT) {
                named(length, array.element());
            } else {
                for (int i = 0; i < length; i++) {
                    over(array.element());
                }
            }
            keyComes = outerComes;
            key = outerKey;
        }

        /// The parser will put them into a table of twice their number, and let it grow at the
        /// last.
        private void keyed(int length, Layout element, MethodHandle parse) {
            int[] hashes = new int[length];
            ByteBufferAccessor readable = new ByteBufferAccessor(body);
            for (int i = 0; i < length; i++) {
                int start = body.position();
                over(element);
                int end = body.position();
                body.position(start);
                hashes[i] = hash(parse, readable);
                body.position(end);
            }
            table(hashes);
        }

        /// What is named again and again is as slow as many of one hash.
        private void named(int length, Layout element) {
            int[] hashes = new int[length];
            int known = 0;
            for (int i = 0; i < length; i++) {
                keyComes = true;
                over(element);
                if (!keyComes) { // it has a name at all
                    hashes[known++] = key;
                }
            }
            Arrays.sort(hashes, 0, known);
            long times = 1;
            for (int i = 1; i < known; i++) {
                times = hashes[i] == hashes[i - 1] ? times + 1 : 1;
                repeats += (times - 1) * times; // as much as the cube of the last one, in all
            }
        }

        /// Of one topic.
        private void partitions(int length, Layout element) {
            int[] numbers = new int[length];
            int of = topic;
            int ofInside = topicInside;
            inPartitions = true;
            for (int i = 0; i < length; i++) {
                numbers[i] = body.getInt(body.position());
                partitions.add(of, ofInside, numbers[i]);
                over(element);
            }
            inPartitions = false;
            if (answeredInTables) {
                TableCost.requireGrowing(numbers, length, bounds.steps() - steps, "partitions");
            }
        }

        private void table(int[] hashes) {
            if (hashes.length <= SMALL_TABLE) {
                return;
            }
            steps += new TableCost(hashes).steps(bounds.steps() - steps);
            if (steps > bounds.steps()) {
                throw new Exceeded(
                        "%d entries of the request share so few slots of a hash table that it would take too long; ask for less at a time"
                                .formatted(hashes.length));
            }
        }

        private int hash(MethodHandle parse, ByteBufferAccessor readable) {
            try {
                Object element =
                        (Object)
                                parse.invokeExact(
                                        (org.apache.kafka.common.protocol.Readable) readable,
                                        version);
                return element.hashCode();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("A constructor threw a checked exception", e);
            }
        }

        private void struct(Layout.Struct struct) {
            if (struct.mayBeNull() && body.get() < 0) {
                return;
            }
            heap(struct.heapBytes());
            if (struct.byId()) {
                long id = body.getLong(body.position()) ^ body.getLong(body.position() + 8);
                topic = (int) (id >> 32) ^ (int) id; // Uuid.hashCode
                topicInside = topic;
            }
            for (Layout field : struct.fields()) {
                over(field);
            }
        }

        private void tagged(Layout.Tagged tagged) {
            int count = varint();
            if (count == 0) {
                return;
            }
            if (count < 0 || count > MOST_TAGS) {
                throw new InvalidRequestException(
                        "The request has %d tagged fields in one place".formatted(count));
            }
            count(count);
            for (int i = 0; i < count; i++) {
                int tag = varint();
                int size = varint();
                Layout known =
                        tag >= 0 && tag < tagged.known().size() ? tagged.known().get(tag) : null;
                if (known != null) {
                    over(known); // its parser does not look at the size
                } else {
                    skip(size);
                    heap(RAW_TAG_BYTES + ARRAY_BYTES + (long) size);
                }
            }
        }

        private int varint() {
            return ByteUtils.readUnsignedVarint(body);
        }

        private void skip(int bytes) {
            if (bytes < 0 || bytes > body.remaining()) {
                throw new BufferUnderflowException();
            }
            body.position(body.position() + bytes);
        }

        private void count(int more) {
            entries += more;
            if (entries > bounds.entries()) {
                throw new Exceeded("%d entries".formatted(entries));
            }
        }

        private void heap(long bytes) {
            heapBytes += bytes;
            if (heapBytes > MOST_HEAP_BYTES) {
                throw new InvalidRequestException(
                        "The request would take more than %d bytes of memory; ask for less at a time"
                                .formatted(MOST_HEAP_BYTES));
            }
        }
    }
}
