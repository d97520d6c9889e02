package io.firn.coordination;

import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// What all groups together may hold of the heap (G7). Kafka's coordinator has no such bound: a
/// member's metadata stays for as long as its session, and a client can have as many groups as it
/// likes.
///
/// Counted are the records that the coordinator would be rebuilt from, and what members have sent,
/// until nothing was heard of them for as long as the coordinator waits, or they leave. It may be
/// more than there is, never less, but for members of before a restart that were never written.
/// Who holds something may go on with as much: only what would be more is refused. Thread safe.
public final class GroupMemory {
    private static final Logger LOG = LoggerFactory.getLogger(GroupMemory.class);

    /// Objects of a group and of a member, beside what they were sent.
    private static final int GROUP_BYTES = 2048;

    private static final int MEMBER_BYTES = 1024;

    /// A group without members stays until offsets are looked through.
    private static final long EMPTY_GROUP_MS = Duration.ofMinutes(10).toMillis();

    private static final long SWEEP_MS = 1_000;
    private static final long WARN_MS = 10_000;

    private final long mostBytes;
    private final LongSupplier clockMs;
    private final KeptRecords kept = new KeptRecords();
    private final Map<String, Group> groups = new HashMap<>();
    private long heldBytes;
    private long reservations;
    private long refused;
    private long sweptMs;
    private long warnedMs;

    /// @param clockMs never goes back
    GroupMemory(long mostBytes, LongSupplier clockMs) {
        this.mostBytes = mostBytes;
        this.clockMs = clockMs;
        this.sweptMs = clockMs.getAsLong() - SWEEP_MS;
        this.warnedMs = clockMs.getAsLong() - WARN_MS;
    }

    /// An eighth of the heap.
    static GroupMemory ofHeap() {
        return new GroupMemory(
                Runtime.getRuntime().maxMemory() / 8, () -> System.nanoTime() / 1_000_000);
    }

    private static final class Member {
        private long bytes;
        private long lastsMs;
        private long heardMs;
    }

    private static final class Group {
        private final Map<String, Member> members = new HashMap<>();
        private final long ownBytes;
        private long assignedBytes;
        private long membersBytes;
        private long heardMs;

        Group(String name) {
            this.ownBytes = GROUP_BYTES + 2L * name.length();
        }

        long bytes() {
            return ownBytes + assignedBytes + membersBytes;
        }
    }

    /// What a request of a member takes until its answer is known.
    public final class Reservation {
        private final String group;
        private final String member;
        private final boolean isNew;

        private Reservation(String group, String member, boolean isNew) {
            this.group = group;
            this.member = member;
            this.isNew = isNew;
        }

        /// The coordinator knows it by this id from now on.
        public void keptAs(String memberId) {
            settle(group, member, memberId);
        }

        /// The coordinator kept nothing of it.
        public void refused() {
            if (isNew) {
                settle(group, member, null);
            }
        }
    }

    KeptRecords kept() {
        return kept;
    }

    public synchronized long bytes() {
        return heldBytes + kept.bytes();
    }

    /// How many requests found no room.
    public synchronized long refusals() {
        return refused;
    }

    /// Takes room for what a member sends.
    ///
    /// @param member its id; empty when the coordinator is to give it one
    /// @param lastsMs for how long the coordinator keeps it when it does not hear of it
    /// @param mostOfGroup what all members of the group may have sent
    /// @throws GroupMaxSizeReachedException when the group's members would hold too much
    /// @throws CoordinatorNotAvailableException when all groups would, which passes
    public synchronized Reservation reserve(
            String group, String member, long bytes, long lastsMs, long mostOfGroup) {
        Group its = group(group);
        String id = member.isEmpty() ? "\0" + ++reservations : member;
        Member known = its.members.get(id);
        long now = MEMBER_BYTES + bytes;
        long more = now - (known == null ? 0 : known.bytes);
        if (more > 0) {
            long sent = its.membersBytes - (long) MEMBER_BYTES * its.members.size();
            if (sent + more > mostOfGroup && sent > 0) {
                refused++;
                throw new GroupMaxSizeReachedException(group);
            }
            requireRoom(more, "member of group " + group);
        }
        Member held = known == null ? new Member() : known;
        held.bytes = now;
        held.lastsMs = lastsMs;
        held.heardMs = clockMs.getAsLong();
        its.members.put(id, held);
        its.membersBytes += more;
        its.heardMs = held.heardMs;
        heldBytes += more;
        return new Reservation(group, id, known == null);
    }

    /// Takes room for what the members of a group are assigned.
    ///
    /// @throws CoordinatorNotAvailableException when all groups would hold too much, which passes
    public synchronized void assign(String group, long bytes) {
        Group its = group(group);
        long more = bytes - its.assignedBytes;
        if (more > 0) {
            requireRoom(more, "assignment of group " + group);
        }
        its.assignedBytes = bytes;
        heldBytes += more;
    }

    /// Takes room for what a group may be assigned for one of its members, which is shared by all.
    ///
    /// @throws CoordinatorNotAvailableException when all groups would hold too much, which passes
    public synchronized void mayAssign(String group, long bytes) {
        assign(group, Math.max(bytes, group(group).assignedBytes));
    }

    /// Takes room for an offset that is about to be committed.
    ///
    /// @param partition of the offsets topic, where the group is kept
    /// @throws CoordinatorNotAvailableException when all groups would hold too much, which passes
    public void commit(
            int partition, String group, String topic, int topicPartition, int metadataBytes) {
        if (bytes() < mostBytes) {
            return;
        }
        long more = kept.growth(partition, group, topic, topicPartition, metadataBytes);
        if (more > 0) {
            synchronized (this) {
                requireRoom(more, "offset of group " + group);
            }
        }
    }

    /// The coordinator has heard of it.
    public synchronized void heard(String group, String member) {
        Group its = groups.get(group);
        Member known = its == null ? null : its.members.get(member);
        if (its != null && known != null) {
            known.heardMs = clockMs.getAsLong();
            its.heardMs = known.heardMs;
        }
    }

    public synchronized void left(String group, String member) {
        settle(group, member, null);
    }

    private synchronized void settle(String group, String member, @Nullable String as) {
        Group its = groups.get(group);
        Member known = its == null ? null : its.members.remove(member);
        if (its == null || known == null) {
            return;
        }
        Member before = as == null ? known : its.members.put(as, known);
        if (before != null) {
            its.membersBytes -= before.bytes;
            heldBytes -= before.bytes;
        }
    }

    private Group group(String name) {
        Group known = groups.get(name);
        if (known == null) {
            known = new Group(name);
            requireRoom(known.bytes(), "group " + name);
            groups.put(name, known);
            heldBytes += known.bytes();
        }
        known.heardMs = clockMs.getAsLong();
        return known;
    }

    private void requireRoom(long more, String what) {
        if (bytes() + more <= mostBytes) {
            return;
        }
        long now = clockMs.getAsLong();
        if (now - sweptMs >= SWEEP_MS) {
            sweptMs = now;
            sweep(now);
            if (bytes() + more <= mostBytes) {
                return;
            }
        }
        refused++;
        String why =
                "No room for %s: groups hold %d bytes of %d, an eighth of the heap. Raise FIRN_HEAP, or delete groups"
                        .formatted(what, bytes(), mostBytes);
        if (now - warnedMs >= WARN_MS) {
            warnedMs = now;
            LOG.warn("{}", why);
        }
        throw new CoordinatorNotAvailableException(why);
    }

    private void sweep(long now) {
        heldBytes = 0;
        groups.values()
                .removeIf(
                        group -> {
                            group.members.values().removeIf(it -> now - it.heardMs > it.lastsMs);
                            group.membersBytes =
                                    group.members.values().stream().mapToLong(it -> it.bytes).sum();
                            group.assignedBytes = group.members.isEmpty() ? 0 : group.assignedBytes;
                            heldBytes += group.bytes();
                            boolean gone =
                                    group.members.isEmpty() && now - group.heardMs > EMPTY_GROUP_MS;
                            heldBytes -= gone ? group.bytes() : 0;
                            return gone;
                        });
    }
}
