package io.firn.broker.produce;

import io.firn.controller.member.ControllerClient;

import org.apache.kafka.common.message.AllocateProducerIdsRequestData;
import org.apache.kafka.common.message.AllocateProducerIdsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AllocateProducerIdsRequest;
import org.apache.kafka.common.requests.AllocateProducerIdsResponse;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/// Producer ids, unique in the cluster: taken from blocks of a thousand that the controller hands
/// out.
public final class ProducerIds {
    private final int nodeId;
    private final LongSupplier brokerEpoch;
    private final ControllerClient controller;
    private final Queue<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private boolean asking;

    public ProducerIds(int nodeId, LongSupplier brokerEpoch, ControllerClient controller) {
        this.nodeId = nodeId;
        this.brokerEpoch = brokerEpoch;
        this.controller = controller;
    }

    /// A fresh id; fails with what the controller answered when there is none.
    CompletableFuture<Long> next() {
        CompletableFuture<Long> id = new CompletableFuture<>();
        boolean ask;
        synchronized (this) {
            if (next < end) {
                id.complete(next++);
                return id;
            }
            waiting.add(id);
            ask = !asking;
            asking = true;
        }
        if (ask) {
            ask();
        }
        return id;
    }

    private void ask() {
        CompletableFuture<AbstractResponse> answer;
        try {
            answer =
                    controller.send(
                            new AllocateProducerIdsRequest.Builder(
                                    new AllocateProducerIdsRequestData()
                                            .setBrokerId(nodeId)
                                            .setBrokerEpoch(brokerEpoch.getAsLong())));
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete(this::answered);
    }

    private void answered(@Nullable AbstractResponse response, @Nullable Throwable failure) {
        if (response == null || failure != null) {
            failAll(failure == null ? new IllegalStateException("No answer") : failure);
            return;
        }
        AllocateProducerIdsResponseData data = ((AllocateProducerIdsResponse) response).data();
        Errors error = Errors.forCode(data.errorCode());
        if (error != Errors.NONE) {
            failAll(error.exception());
            return;
        }
        give(data.producerIdStart(), data.producerIdLen());
    }

    private void give(long start, int length) {
        Queue<Runnable> gifts = new ArrayDeque<>();
        boolean more;
        synchronized (this) {
            next = start;
            end = start + length;
            while (next < end && !waiting.isEmpty()) {
                CompletableFuture<Long> id = waiting.remove();
                long value = next++;
                gifts.add(() -> id.complete(value));
            }
            more = !waiting.isEmpty();
            asking = more;
        }
        gifts.forEach(Runnable::run);
        if (more) {
            ask();
        }
    }

    private void failAll(Throwable failure) {
        Queue<CompletableFuture<Long>> all;
        synchronized (this) {
            all = new ArrayDeque<>(waiting);
            waiting.clear();
            asking = false;
        }
        all.forEach(id -> id.completeExceptionally(failure));
    }
}
