package io.firn.broker.group;

import io.firn.coordination.GroupCoordination;
import io.firn.protocol.preface.Caller;

import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/// Sends requests of one tenant to the handlers as bytes, there and back, so that what a version
/// cannot carry shows.
final class Wire {
    private final GroupHandlers handlers;
    private final String tenant;

    Wire(GroupCoordination groups, String tenant) {
        this.handlers = new GroupHandlers(groups);
        this.tenant = tenant;
    }

    <T extends AbstractResponse> T call(AbstractRequest request) {
        return this.<T>send(request).join();
    }

    @SuppressWarnings("unchecked")
    <T extends AbstractResponse> CompletableFuture<T> send(AbstractRequest request) {
        RequestHeader header =
                new RequestHeader(request.apiKey(), request.version(), "test-client", 7);
        ByteBuffer bytes = request.serializeWithHeader(header);
        RequestHeader parsed = RequestHeader.parse(bytes);
        RequestContext context =
                new RequestContext(
                        parsed,
                        "1",
                        InetAddress.getLoopbackAddress(),
                        KafkaPrincipal.ANONYMOUS,
                        new ListenerName("KAFKA"),
                        SecurityProtocol.PLAINTEXT,
                        ClientInformation.EMPTY,
                        false);
        GroupCall call =
                new GroupCall(
                        parsed,
                        context.parseRequest(bytes).request,
                        new Caller(tenant, "User:alice", "10.1.2.3", "KAFKA"),
                        "1");
        return handlers.answer(call)
                .thenApply(
                        response ->
                                (T)
                                        AbstractResponse.parseResponse(
                                                context.buildResponseEnvelopePayload(response),
                                                parsed));
    }
}
