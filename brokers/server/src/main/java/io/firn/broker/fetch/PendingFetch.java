package io.firn.broker.fetch;

import io.firn.broker.fetch.PartitionReader.Outcome;
import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.LogView;
import io.firn.broker.partition.PartitionLookup;
import io.firn.broker.partition.PartitionTable;
import io.firn.broker.request.BrokerMetrics;
import io.firn.log.Isolation;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.server.FetchContext;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/// One Fetch until it is answered: `read --enough--> answer`, or else wait for a partition to move
/// or for `max.wait`, then read again.
///
/// It is looked at by one thread at a time: the connection's loop at first and at the end of its
/// wait, the fetch threads when a partition has moved. So a consumer with nothing to read costs a
/// timer of its loop and no other thread.
public final class PendingFetch {
    /// What all fetches share.
    ///
    /// @param wakeups threads that look again; few, since each look is short
    /// @param maxBytes of a response, whatever the client allows
    public record Services(
            PartitionReader reader,
            Executor wakeups,
            int maxBytes,
            ColdAnswers coldAnswers,
            BrokerMetrics metrics) {}

    /// A client that is gone is waited for no longer than this.
    private static final int LONGEST_WAIT_MS = 300_000;

    private record FetchedPartition(
            TopicIdPartition name, FetchRequest.PartitionData part, PartitionLookup lookup) {}

    private record Look(Map<TopicIdPartition, Outcome> outcomes, long bytes, boolean answerNow) {}

    private final Services services;
    private final InboundRequest request;
    private final FetchRequest body;
    private final FetchContext context;
    private final Isolation isolation;
    private final List<FetchedPartition> asked = new ArrayList<>();
    private final long startedNanos = System.nanoTime();

    private final ColdAnswers.Reservation reservation;
    private final AtomicBoolean lookDue = new AtomicBoolean();
    private final Runnable wake = this::wake;
    private @Nullable ScheduledFuture<?> timeout;
    private boolean answered;

    PendingFetch(
            Services services,
            PartitionTable partitions,
            InboundRequest request,
            FetchRequest body,
            FetchContext context,
            Isolation isolation) {
        this.services = services;
        this.request = request;
        this.body = body;
        this.context = context;
        this.isolation = isolation;
        this.reservation = services.coldAnswers().reserve();
        context.foreachPartition(
                (name, part) ->
                        asked.add(new FetchedPartition(name, part, find(partitions, name))));
    }

    private PartitionLookup find(PartitionTable partitions, TopicIdPartition name) {
        if (name.topic() == null) {
            return new PartitionLookup.Refused(Errors.UNKNOWN_TOPIC_ID);
        }
        return partitions.find(request.names(), name.topic(), name.topicId(), name.partition());
    }

    synchronized void start() {
        Look look = look();
        if (look.answerNow() || body.maxWait() <= 0) {
            answer(look);
            return;
        }
        for (FetchedPartition one : asked) {
            if (one.lookup() instanceof PartitionLookup.Led found) {
                found.partition().waitlist().add(wake);
            }
        }
        timeout =
                request.connection().after(Math.min(body.maxWait(), LONGEST_WAIT_MS), this::giveUp);
        wake(); // what moved before we were on the list
    }

    /// Called on a log's thread.
    private void wake() {
        if (lookDue.compareAndSet(false, true)) {
            services.wakeups().execute(this::lookAgain);
        }
    }

    private synchronized void lookAgain() {
        lookDue.set(false);
        if (answered || !somethingMoved()) {
            return;
        }
        Look look = look();
        if (look.answerNow()) {
            answer(look);
        }
    }

    private synchronized void giveUp() {
        if (!answered) {
            answer(look());
        }
    }

    /// A cheap look, so that a wake-up for one of many partitions does not read them all.
    private boolean somethingMoved() {
        return asked.stream()
                .anyMatch(
                        one ->
                                one.lookup() instanceof PartitionLookup.Led found
                                        && moved(found.partition(), one.part().fetchOffset));
    }

    private boolean moved(LedPartition led, long fetchOffset) {
        return led.resigned()
                || LogView.limit(led.log(), isolation) > fetchOffset
                || led.log().logStartOffset() > fetchOffset;
    }

    private Look look() {
        Map<TopicIdPartition, Outcome> outcomes = new LinkedHashMap<>();
        int room = Math.min(body.maxBytes(), services.maxBytes());
        long bytes = 0;
        boolean answerNow = asked.isEmpty();
        boolean nothingYet = true;
        for (FetchedPartition one : asked) {
            Outcome outcome = read(one, room, nothingYet);
            outcomes.put(one.name(), outcome);
            switch (outcome) {
                case Outcome.Ready ready -> {
                    bytes += ready.bytes();
                    room -= ready.bytes();
                    nothingYet &= ready.bytes() == 0;
                    answerNow |= ready.failed();
                }
                case Outcome.Coming coming -> {
                    room -= Math.max(coming.maxBytes(), 1);
                    nothingYet = false;
                    answerNow = true;
                }
                case Outcome.Nothing nothing -> {}
            }
        }
        return new Look(outcomes, bytes, answerNow || bytes >= body.minBytes());
    }

    private Outcome read(FetchedPartition one, int room, boolean nothingYet) {
        int partition = one.name().partition();
        return switch (one.lookup()) {
            case PartitionLookup.Refused refused ->
                    PartitionReader.failed(partition, refused.error());
            case PartitionLookup.Led found ->
                    services.reader()
                            .read(
                                    found.partition(),
                                    partition,
                                    one.part(),
                                    isolation,
                                    room,
                                    nothingYet,
                                    reservation);
        };
    }

    private void answer(Look look) {
        answered = true;
        stopWaiting();
        List<CompletableFuture<PartitionData>> coming = new ArrayList<>();
        for (Outcome outcome : look.outcomes().values()) {
            if (outcome instanceof Outcome.Coming awaited) {
                coming.add(awaited.data());
            }
        }
        if (coming.isEmpty()) {
            send(look);
        } else {
            CompletableFuture.allOf(coming.toArray(CompletableFuture[]::new))
                    .whenComplete((done, failure) -> send(look));
        }
    }

    private void send(Look look) {
        try {
            LinkedHashMap<TopicIdPartition, PartitionData> data = new LinkedHashMap<>();
            look.outcomes()
                    .forEach(
                            (name, outcome) ->
                                    data.put(
                                            name,
                                            switch (outcome) {
                                                case Outcome.Ready ready -> ready.data();
                                                case Outcome.Nothing nothing -> nothing.data();
                                                case Outcome.Coming coming -> coming.data().join();
                                            }));
            services.metrics().fetchLatency(System.nanoTime() - startedNanos);
            reservation.awaitTaken(request.connection());
            request.answer(
                    context.updateAndGenerateResponseData(data, List.of()), reservation::release);
        } catch (RuntimeException e) {
            reservation.release();
            request.fail(e);
        }
    }

    private void stopWaiting() {
        if (timeout == null) {
            return;
        }
        timeout.cancel(false);
        for (FetchedPartition one : asked) {
            if (one.lookup() instanceof PartitionLookup.Led found) {
                found.partition().waitlist().remove(wake);
            }
        }
    }
}
