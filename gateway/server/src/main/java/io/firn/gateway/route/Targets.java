package io.firn.gateway.route;

import io.firn.controller.image.BrokerState;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.PartitionState;
import io.firn.controller.image.TopicState;
import io.firn.protocol.TenantNames;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.utils.Utils;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Finds the broker for a route in one image. Pure.
public final class Targets {
    private Targets() {}

    public static Target find(
            Route route, AbstractRequest request, TenantNames names, ClusterImage image) {
        if (route == Route.HERE) {
            return new Target.Here();
        }
        ApiException ifUnreachable = ifUnreachable(route);
        List<BrokerState> alive = image.alive();
        if (alive.isEmpty()) {
            return new Target.Nobody(ifUnreachable);
        }
        if (alive.size() == 1) {
            return new Target.One(alive.getFirst(), ifUnreachable); // nothing to split
        }
        return switch (route) {
            case BY_LEADER -> one(leaders(request, names, image), alive, ifUnreachable);
            case BY_COORDINATOR ->
                    one(
                            Router.groups(request).stream()
                                    .map(names::inside)
                                    .map(g -> coordinator(image, g))
                                    .flatMap(Optional::stream)
                                    .collect(Collectors.toSet()),
                            alive,
                            ifUnreachable);
            case ANY_BROKER -> new Target.One(alive.getFirst(), ifUnreachable);
            case WHOLE_CLUSTER ->
                    new Target.Nobody(
                            new UnsupportedVersionException(
                                    "This gateway cannot yet join the answers of several brokers"
                                            + " to one for the whole cluster"));
            case HERE -> new Target.Here();
        };
    }

    /// A partition without a leader says so itself: whichever broker is asked answers with the
    /// error that fits the request's version.
    private static Target one(
            Set<Integer> brokers, List<BrokerState> alive, ApiException ifUnreachable) {
        List<BrokerState> wanted = alive.stream().filter(b -> brokers.contains(b.id())).toList();
        return switch (wanted.size()) {
            case 0 -> new Target.One(alive.getFirst(), ifUnreachable);
            case 1 -> new Target.One(wanted.getFirst(), ifUnreachable);
            default -> new Target.Several(); // G9: all parts go, or none
        };
    }

    private static Set<Integer> leaders(
            AbstractRequest request, TenantNames names, ClusterImage image) {
        Set<Integer> leaders = new HashSet<>();
        Router.eachTopic(
                request,
                names,
                (topic, partitions) ->
                        partitions.forEach(
                                partition ->
                                        topic.partition(image, partition)
                                                .filter(PartitionState::hasLeader)
                                                .ifPresent(led -> leaders.add(led.leader()))));
        return leaders;
    }

    private static Optional<Integer> coordinator(ClusterImage image, String insideGroup) {
        Optional<TopicState> offsets = image.topic(Topic.GROUP_METADATA_TOPIC_NAME);
        return offsets.filter(topic -> !topic.partitions().isEmpty())
                .flatMap(
                        topic ->
                                topic.partition(
                                        Utils.abs(insideGroup.hashCode())
                                                % topic.partitions().size()))
                .filter(PartitionState::hasLeader)
                .map(PartitionState::leader);
    }

    private static ApiException ifUnreachable(Route route) {
        return switch (route) {
            case BY_LEADER ->
                    new NotLeaderOrFollowerException("The partition's leader is not reachable");
            case BY_COORDINATOR ->
                    new CoordinatorNotAvailableException(
                            "The group's coordinator is not reachable");
            case ANY_BROKER, HERE -> new NotControllerException("No broker is reachable");
            case WHOLE_CLUSTER -> new CoordinatorNotAvailableException("No broker is reachable");
        };
    }
}
