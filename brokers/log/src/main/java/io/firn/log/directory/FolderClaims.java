package io.firn.log.directory;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/// Whose a folder name is: a partition's name with one topic id at a time (L15). Nothing opens a
/// folder before whoever had the name has let go of it. Thread safe, never waits.
public final class FolderClaims {
    /// @param free ends when the folder is the owner's alone
    private record Claim(TopicIdPartition owner, CompletableFuture<Void> free) {}

    private static final CompletableFuture<Void> FREE = CompletableFuture.completedFuture(null);

    private final ConcurrentMap<TopicPartition, Claim> claims = new ConcurrentHashMap<>();

    public FolderClaims(Collection<TopicIdPartition> owners) {
        owners.forEach(owner -> claims.put(owner.topicPartition(), new Claim(owner, FREE)));
    }

    /// Takes the name for this partition.
    ///
    /// @param evict begins to move an earlier owner away; its future ends when that is done
    /// @return ends when the folder may be used
    public CompletableFuture<Void> claim(
            TopicIdPartition partition, Function<TopicIdPartition, CompletableFuture<Void>> evict) {
        return claims.compute(
                        partition.topicPartition(),
                        (name, now) -> {
                            if (now == null) {
                                return new Claim(partition, FREE);
                            }
                            return now.owner().equals(partition)
                                    ? now
                                    : new Claim(
                                            partition,
                                            now.free().thenCompose(f -> evict.apply(now.owner())));
                        })
                .free();
    }

    /// The partition's folder goes: whoever takes the name next waits for that.
    public void release(TopicIdPartition partition, CompletableFuture<Void> gone) {
        TopicPartition name = partition.topicPartition();
        Claim claim =
                claims.compute(
                        name,
                        (n, now) ->
                                now == null || now.owner().equals(partition)
                                        ? new Claim(partition, gone)
                                        : now);
        gone.thenRun(() -> claims.remove(name, claim));
    }
}
