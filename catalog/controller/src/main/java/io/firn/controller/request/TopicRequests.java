package io.firn.controller.request;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResultCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.controller.ResultOrError;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;

/// CreateTopics, DeleteTopics and CreatePartitions, as Kafka's ControllerApis answers them.
final class TopicRequests {
    private static final String DUPLICATE = "Duplicate topic name.";

    private final Controller controller;

    TopicRequests(Controller controller) {
        this.controller = controller;
    }

    /// @param context makes a context for a request with so many milliseconds to go
    Optional<CompletionStage<? extends AbstractResponse>> serve(
            AbstractRequest body, IntFunction<ControllerRequestContext> context) {
        return switch (body) {
            case CreateTopicsRequest r ->
                    Optional.of(create(r.data(), context.apply(r.data().timeoutMs())));
            case CreatePartitionsRequest r ->
                    Optional.of(grow(r.data(), context.apply(r.data().timeoutMs())));
            case DeleteTopicsRequest r ->
                    Optional.of(delete(r.topics(), context.apply(r.data().timeoutMs())));
            default -> Optional.empty();
        };
    }

    private CompletionStage<CreateTopicsResponse> create(
            CreateTopicsRequestData request, ControllerRequestContext context) {
        Set<String> once = new LinkedHashSet<>();
        Set<String> twice =
                split(request.topics().stream().map(CreatableTopic::name).toList(), once);
        CreateTopicsRequestData effective = request.duplicate();
        effective.topics().removeIf(t -> !once.contains(t.name()) || isMetadataLog(t.name()));
        List<CreatableTopicResult> tooManyCopies = new ArrayList<>();
        effective
                .topics()
                .removeIf(
                        t ->
                                SingleCopy.refusal(t)
                                        .map(why -> tooManyCopies.add(refusedCopies(t, why)))
                                        .orElse(false));
        return controller
                .createTopics(context, effective, once, true)
                .thenApply(
                        response -> {
                            response.topics().addAll(tooManyCopies);
                            twice.forEach(n -> response.topics().add(refused(n, DUPLICATE)));
                            once.stream()
                                    .filter(TopicRequests::isMetadataLog)
                                    .forEach(
                                            n ->
                                                    response.topics()
                                                            .add(
                                                                    refused(
                                                                            n,
                                                                            "Creation of internal topic %s is prohibited."
                                                                                    .formatted(
                                                                                            n))));
                            return new CreateTopicsResponse(response);
                        });
    }

    private static CreatableTopicResult refused(String name, String message) {
        return new CreatableTopicResult()
                .setName(name)
                .setErrorCode(Errors.INVALID_REQUEST.code())
                .setErrorMessage(message);
    }

    private static CreatableTopicResult refusedCopies(CreatableTopic topic, String why) {
        return refused(topic.name(), why).setErrorCode(Errors.INVALID_REPLICATION_FACTOR.code());
    }

    private CompletionStage<CreatePartitionsResponse> grow(
            CreatePartitionsRequestData request, ControllerRequestContext context) {
        Set<String> once = new LinkedHashSet<>();
        Set<String> twice =
                split(request.topics().stream().map(CreatePartitionsTopic::name).toList(), once);
        List<CreatePartitionsTopic> topics =
                request.topics().stream().filter(t -> once.contains(t.name())).toList();
        return controller
                .createPartitions(context, topics, request.validateOnly())
                .thenApply(
                        results -> {
                            List<CreatePartitionsTopicResult> all = new ArrayList<>(results);
                            twice.forEach(
                                    n ->
                                            all.add(
                                                    new CreatePartitionsTopicResult()
                                                            .setName(n)
                                                            .setErrorCode(
                                                                    Errors.INVALID_REQUEST.code())
                                                            .setErrorMessage(DUPLICATE)));
                            return new CreatePartitionsResponse(
                                    new CreatePartitionsResponseData().setResults(all));
                        });
    }

    private CompletionStage<DeleteTopicsResponse> delete(
            List<DeleteTopicState> requested, ControllerRequestContext context) {
        DeletableTopicResultCollection answers = new DeletableTopicResultCollection();
        Set<String> names = new LinkedHashSet<>();
        Set<Uuid> ids = new LinkedHashSet<>();
        sort(requested, names, ids, answers);
        return controller
                .findTopicIds(context, names)
                .thenCombine(
                        controller.findTopicNames(context, ids),
                        (byName, byId) -> known(byName, byId, answers))
                .thenCompose(
                        known ->
                                controller
                                        .deleteTopics(context, known.keySet())
                                        .thenApply(results -> answer(known, results, answers)));
    }

    /// Sets aside what is asked twice, or by name and id at once.
    private static void sort(
            List<DeleteTopicState> requested,
            Set<String> names,
            Set<Uuid> ids,
            DeletableTopicResultCollection answers) {
        Set<String> seenNames = new HashSet<>();
        Set<Uuid> seenIds = new HashSet<>();
        boolean nothing = false;
        for (DeleteTopicState topic : requested) {
            String name = topic.name();
            Uuid id = topic.topicId();
            boolean hasId = !id.equals(Uuid.ZERO_UUID);
            if (name != null && hasId) {
                answers.add(
                        deleted(
                                name,
                                id,
                                Errors.INVALID_REQUEST,
                                "You may not specify both topic name and topic id."));
            } else if (name == null && !hasId && nothing) {
                continue; // said once
            } else if (name == null && !hasId) {
                nothing = true;
                answers.add(
                        deleted(
                                null,
                                id,
                                Errors.INVALID_REQUEST,
                                "Neither topic name nor id were specified."));
            } else if (name != null && !seenNames.add(name)) {
                if (names.remove(name)) {
                    answers.add(deleted(name, id, Errors.INVALID_REQUEST, DUPLICATE));
                }
            } else if (name != null) {
                names.add(name);
            } else if (!seenIds.add(id)) {
                if (ids.remove(id)) {
                    answers.add(deleted(null, id, Errors.INVALID_REQUEST, "Duplicate topic id."));
                }
            } else {
                ids.add(id);
            }
        }
    }

    private static Map<Uuid, String> known(
            Map<String, ResultOrError<Uuid>> byName,
            Map<Uuid, ResultOrError<String>> byId,
            DeletableTopicResultCollection answers) {
        Map<Uuid, String> known = new LinkedHashMap<>();
        Set<Uuid> twice = new HashSet<>();
        byName.forEach(
                (name, found) -> {
                    if (found.isError()) {
                        answers.add(deleted(name, Uuid.ZERO_UUID, found.error()));
                    } else {
                        known.put(found.result(), name);
                    }
                });
        byId.forEach(
                (id, found) -> {
                    if (found.isError()) {
                        answers.add(deleted(null, id, found.error()));
                    } else if (known.putIfAbsent(id, found.result()) != null) {
                        twice.add(id);
                    }
                });
        twice.forEach(
                id ->
                        answers.add(
                                deleted(
                                        known.remove(id),
                                        id,
                                        Errors.INVALID_REQUEST,
                                        "The provided topic name maps to an ID that was already supplied.")));
        return known;
    }

    private static DeleteTopicsResponse answer(
            Map<Uuid, String> known,
            Map<Uuid, ApiError> results,
            DeletableTopicResultCollection answers) {
        results.forEach((id, error) -> answers.add(deleted(known.get(id), id, error)));
        return new DeleteTopicsResponse(new DeleteTopicsResponseData().setResponses(answers));
    }

    private static DeletableTopicResult deleted(@Nullable String name, Uuid id, ApiError error) {
        return deleted(name, id, error.error(), error.message());
    }

    private static DeletableTopicResult deleted(
            @Nullable String name, Uuid id, Errors error, @Nullable String message) {
        return new DeletableTopicResult()
                .setName(name)
                .setTopicId(id)
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }

    /// Fills `once` with the names that occur once and returns the others.
    private static Set<String> split(Collection<String> names, Set<String> once) {
        Set<String> twice = new LinkedHashSet<>();
        for (String name : names) {
            if (!once.add(name)) {
                twice.add(name);
            }
        }
        once.removeAll(twice);
        return twice;
    }

    private static boolean isMetadataLog(String name) {
        return name.equals(Topic.CLUSTER_METADATA_TOPIC_NAME);
    }
}
