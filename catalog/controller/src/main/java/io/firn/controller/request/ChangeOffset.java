package io.firn.controller.request;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.requests.AbstractResponse;

import java.nio.ByteBuffer;
import java.util.List;

/// Which image shows a change: the offset of the metadata log that the change is at or below. The
/// controller says it in the change's answer, as a tagged field of Firn's own, and so does the
/// broker that passes the answer on; each process waits until its image is there before the answer
/// goes further (DESIGN §13). Whoever does not know the field skips it, as Kafka's protocol wants.
public final class ChangeOffset {
    /// No answer says an offset.
    public static final long UNKNOWN = -1;

    /// Far from the tags that Kafka gives out, which begin at 0.
    static final int TAG = 10_000;

    private ChangeOffset() {}

    /// Whether answers of this version have room for it.
    public static boolean fits(ApiKeys api, short version) {
        return api.responseHeaderVersion(version) >= 1; // the flexible versions
    }

    public static void put(AbstractResponse answer, long offset) {
        List<RawTaggedField> fields = answer.data().unknownTaggedFields();
        fields.removeIf(field -> field.tag() == TAG);
        fields.add(
                new RawTaggedField(TAG, ByteBuffer.allocate(Long.BYTES).putLong(offset).array()));
    }

    /// Takes it out of the answer.
    ///
    /// @return [#UNKNOWN] if there is none
    public static long take(AbstractResponse answer) {
        List<RawTaggedField> fields = answer.data().unknownTaggedFields();
        long offset =
                fields.stream()
                        .filter(f -> f.tag() == TAG && f.data().length == Long.BYTES)
                        .mapToLong(f -> ByteBuffer.wrap(f.data()).getLong())
                        .findFirst()
                        .orElse(UNKNOWN);
        fields.removeIf(field -> field.tag() == TAG);
        return offset;
    }
}
