package io.firn.controller.member;

import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.KafkaClient;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.InterBrokerSendThread;
import org.apache.kafka.server.util.RequestAndCompletionHandler;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/// The one thread that uses a network client.
final class SendThread extends InterBrokerSendThread {
    private final Queue<RequestAndCompletionHandler> waiting = new ConcurrentLinkedQueue<>();

    SendThread(String name, KafkaClient client, int requestTimeoutMs) {
        super(name, client, requestTimeoutMs, Time.SYSTEM, false);
        setDaemon(true);
    }

    /// @param onResponse called on this thread, once; a response without a body when the connection
    ///     broke or nobody answered
    void send(
            Node target, AbstractRequest.Builder<?> request, Consumer<ClientResponse> onResponse) {
        waiting.add(
                new RequestAndCompletionHandler(
                        ControllerClient.now(), target, request, onResponse::accept));
        wakeup();
    }

    @Override
    public Collection<RequestAndCompletionHandler> generateRequests() {
        List<RequestAndCompletionHandler> requests = new ArrayList<>();
        for (RequestAndCompletionHandler next = waiting.poll();
                next != null;
                next = waiting.poll()) {
            requests.add(next);
        }
        return requests;
    }

    /// Answers what was never sent as if the connection had broken. After the shutdown only.
    void failUnsent() {
        for (RequestAndCompletionHandler next : generateRequests()) {
            next.handler.onComplete(
                    new ClientResponse(
                            new RequestHeader(
                                    next.request.apiKey(),
                                    next.request.latestAllowedVersion(),
                                    "closed",
                                    0),
                            null,
                            next.destination.idString(),
                            0,
                            0,
                            true,
                            null,
                            null,
                            null));
        }
    }
}
