package io.firn.broker.group;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Function;

/// What a request leaves behind in the group coordinator, in bytes, and the most that it may (G7).
/// What a group keeps has to fit into a batch of the offsets topic, 1 MiB, for the coordinator to
/// be rebuilt from it; Kafka finds out when it writes, and memory may be gone before.
final class GroupSizes {
    /// What one member may send, and what a leader may assign.
    static final int MOST_BYTES = 1 << 20;

    /// What the members of a classic group may have sent together: of several protocols that each
    /// of them offers, one comes into the group's record.
    static final int MOST_OF_CLASSIC_GROUP = 4 << 20;

    /// No topic's name may be longer than 249; a group's may have the tenant in front.
    private static final int MOST_OF_NAME = 1024;

    /// An entry of a list or a map, beside its bytes.
    private static final int ENTRY_BYTES = 128;

    private GroupSizes() {}

    /// @throws InvalidGroupIdException when a group of that name is not kept
    static void requireName(String group) {
        if (group.length() > MOST_OF_NAME) {
            throw new InvalidGroupIdException(
                    "A group id of %d characters is too long: at most %d are allowed"
                            .formatted(group.length(), MOST_OF_NAME));
        }
    }

    /// @throws RecordTooLargeException when it is more than a member may send
    static long of(JoinGroupRequestData join, String clientId) {
        long bytes =
                text(join.memberId())
                        + text(join.groupInstanceId())
                        + text(join.protocolType())
                        + text(clientId);
        for (var protocol : join.protocols()) {
            bytes += ENTRY_BYTES + text(protocol.name()) + protocol.metadata().length;
        }
        return bounded(bytes, "A member", RecordTooLargeException::new);
    }

    /// @throws RecordTooLargeException when it is more than members may be assigned
    static long of(SyncGroupRequestData sync) {
        long bytes = 0;
        for (var assignment : sync.assignments()) {
            bytes += ENTRY_BYTES + text(assignment.memberId()) + assignment.assignment().length;
        }
        return bounded(bytes, "An assignment", RecordTooLargeException::new);
    }

    /// @throws InvalidRequestException when it is more than a member may send
    static long of(ConsumerGroupHeartbeatRequestData beat, String clientId) {
        long bytes =
                text(beat.memberId())
                        + text(beat.instanceId())
                        + text(beat.rackId())
                        + text(beat.serverAssignor())
                        + text(beat.subscribedTopicRegex())
                        + text(clientId);
        List<String> names = beat.subscribedTopicNames();
        int count = 0;
        if (names != null) {
            count = names.size();
            for (String name : names) {
                bytes += name.length();
            }
        }
        bounded(bytes, "A member", InvalidRequestException::new);
        return bytes + (long) ENTRY_BYTES * count;
    }

    private static long bounded(
            long bytes, String what, Function<String, ? extends ApiException> error) {
        if (bytes > MOST_BYTES) {
            throw error.apply(
                    "%s of a group of %d bytes is too large: at most %d are kept. Subscribe to fewer topics, or by a regular expression"
                            .formatted(what, bytes, MOST_BYTES));
        }
        return bytes;
    }

    private static long text(@Nullable String text) {
        return text == null ? 0 : 2L * text.length();
    }
}
