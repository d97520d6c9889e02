package io.firn.broker.fetch;

import io.firn.broker.partition.PartitionTable;
import io.firn.broker.request.Handler;
import io.firn.broker.request.VisibleTopics;
import io.firn.log.Isolation;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.FetchContext;
import org.apache.kafka.server.FetchManager;
import org.apache.kafka.server.FetchSession;
import org.apache.kafka.server.FetchSessionCacheShard;

import java.util.List;

/// Fetch: finds out which partitions the session asks for and starts a [PendingFetch].
public final class FetchHandler implements Handler {
    /// A client opens a new session before it gives up the old one.
    private static final int SESSIONS_PER_CONNECTION = 2;

    private final PartitionTable partitions;
    private final PendingFetch.Services services;

    public FetchHandler(PartitionTable partitions, PendingFetch.Services services) {
        this.partitions = partitions;
        this.services = services;
    }

    @Override
    public void handle(InboundRequest request) {
        FetchRequest body = (FetchRequest) request.body();
        if (body.isFromFollower()) {
            request.fail(
                    new ClusterAuthorizationException(
                            "Cannot fetch as replica %d: this version of Firn has no replication yet"
                                    .formatted(body.replicaId())));
            return;
        }
        VisibleTopics topics = new VisibleTopics(partitions.image(), request.names());
        FetchContext context =
                request.connection()
                        .attribute(Sessions.class, Sessions::new)
                        .manager
                        .newContext(
                                request.header().apiVersion(),
                                body.metadata(),
                                false,
                                body.fetchData(topics),
                                body.forgottenTopics(topics),
                                topics);
        Isolation isolation =
                body.isolationLevel() == IsolationLevel.READ_COMMITTED
                        ? Isolation.COMMITTED
                        : Isolation.UNCOMMITTED;
        new PendingFetch(services, partitions, request, body, context, isolation).start();
    }

    /// Sessions belong to one connection: their ids are useless elsewhere (G5).
    private static final class Sessions {
        private final FetchManager manager =
                new FetchManager(
                        Time.SYSTEM,
                        new FetchSession.FetchSessionCache(
                                List.of(
                                        new FetchSessionCacheShard(
                                                SESSIONS_PER_CONNECTION,
                                                0,
                                                Integer.MAX_VALUE,
                                                0))));
    }
}
