package io.firn.broker.admin;

import io.firn.broker.request.Handler;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.TopicState;
import io.firn.protocol.TenantNames;
import io.firn.protocol.body.AnswerTable;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResultCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// DeleteTopics by name or id. What this broker knows goes to the controller by id, so a topic that
/// was made anew under the same name meanwhile is left alone (R18); a name that it does not know
/// may be that of a topic made just now, so the controller is asked by name.
public final class DeleteTopicsHandler implements Handler {
    /// They have no name, so all of them share one slot of Kafka's table (G12).
    private static final int MOST_UNKNOWN_IDS = 500;

    private final ToController controller;
    private final Supplier<ClusterImage> images;

    public DeleteTopicsHandler(ToController controller, Supplier<ClusterImage> images) {
        this.controller = controller;
        this.images = images;
    }

    @Override
    public void handle(InboundRequest request) {
        DeleteTopicsRequest body = (DeleteTopicsRequest) request.body();
        TenantNames names = request.names();
        ClusterImage image = images.get();
        boolean byState = request.header().apiVersion() >= 6;
        List<DeletableTopicResult> refused = new ArrayList<>();
        List<DeleteTopicState> change = new ArrayList<>();
        List<DeleteTopicState> asked =
                byState
                        ? body.data().topics()
                        : body.data().topicNames().stream()
                                .map(name -> new DeleteTopicState().setName(name))
                                .toList();
        for (DeleteTopicState topic : asked) {
            Optional<TopicState> found = find(image, names, topic);
            if (found.isPresent()) {
                change.add(new DeleteTopicState().setName(null).setTopicId(found.get().id()));
            } else if (topic.name() != null) {
                change.add(new DeleteTopicState().setName(names.inside(topic.name())));
            } else if (refused.size() == MOST_UNKNOWN_IDS) {
                throw new InvalidRequestException(
                        "Cannot say of more than %d ids at a time that no topic has them"
                                .formatted(MOST_UNKNOWN_IDS));
            } else {
                refused.add(
                        new DeletableTopicResult()
                                .setName(null)
                                .setTopicId(topic.topicId())
                                .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()));
            }
        }
        if (change.isEmpty()) {
            request.answer(answer(List.of(), refused));
            return;
        }
        controller.forward(
                request,
                new DeleteTopicsRequest.Builder(
                        new DeleteTopicsRequestData()
                                .setTopics(change)
                                .setTimeoutMs(body.data().timeoutMs())),
                DeleteTopicsResponse.class,
                done -> answer(outside(names, image, done.data()), refused));
    }

    private static Optional<TopicState> find(
            ClusterImage image, TenantNames names, DeleteTopicState topic) {
        if (topic.name() != null) {
            return image.topic(names.inside(topic.name()));
        }
        return topic.topicId().equals(Uuid.ZERO_UUID)
                ? Optional.empty()
                : image.topic(topic.topicId()).filter(found -> names.owns(found.name()));
    }

    private static List<DeletableTopicResult> outside(
            TenantNames names, ClusterImage image, DeleteTopicsResponseData done) {
        List<DeletableTopicResult> results = new ArrayList<>();
        for (DeletableTopicResult result : done.responses()) {
            DeletableTopicResult own = result.duplicate();
            own.setName(
                    Optional.ofNullable(result.name())
                            .or(() -> image.topic(result.topicId()).map(TopicState::name))
                            .map(names::outside)
                            .orElse(null));
            own.setErrorMessage(names.inOwnWords(result.errorMessage()));
            results.add(own);
        }
        return results;
    }

    private static DeleteTopicsResponse answer(
            List<DeletableTopicResult> done, List<DeletableTopicResult> refused) {
        DeleteTopicsResponseData data = new DeleteTopicsResponseData();
        data.setResponses(
                new DeletableTopicResultCollection(
                        AnswerTable.sizeFor(done.size() + refused.size())));
        data.responses().addAll(done);
        data.responses().addAll(refused);
        return new DeleteTopicsResponse(data);
    }
}
