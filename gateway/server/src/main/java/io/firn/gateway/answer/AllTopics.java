package io.firn.gateway.answer;

import io.firn.controller.image.ClusterImage;
import io.firn.protocol.TenantNames;

import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// The last answers to who asked for all topics. A small request makes megabytes of them, and
/// whoever does not read leaves them in memory: as long as the topics stay the same, all
/// connections share one (G7, G12). Thread safe.
final class AllTopics {
    /// Of tenants, and versions that their clients speak.
    private static final int KEPT = 8;

    private record Asked(
            String prefix,
            String clusterId,
            short version,
            boolean topicOperations,
            boolean clusterOperations) {}

    private final Map<Asked, ByteBuffer> bodies = new LinkedHashMap<>();
    private @Nullable Object of;

    /// @return the response without its header, to be read only
    ByteBuffer body(
            MetadataRequest request,
            ClusterImage image,
            TenantNames names,
            Supplier<MetadataResponse> make) {
        Asked asked =
                new Asked(
                        names.inside(""),
                        image.clusterId(),
                        request.version(),
                        request.data().includeTopicAuthorizedOperations(),
                        request.data().includeClusterAuthorizedOperations());
        Object topics = image.topicsIdentity();
        ByteBuffer known = known(topics, asked);
        if (known != null) {
            return known;
        }
        ByteBuffer body =
                MessageUtil.toByteBufferAccessor(make.get().data(), request.version())
                        .buffer()
                        .asReadOnlyBuffer();
        keep(topics, asked, body);
        return body;
    }

    private synchronized @Nullable ByteBuffer known(Object topics, Asked asked) {
        return topics == of ? bodies.get(asked) : null;
    }

    private synchronized void keep(Object topics, Asked asked, ByteBuffer body) {
        if (topics != of) {
            bodies.clear();
            of = topics;
        }
        bodies.put(asked, body);
        if (bodies.size() > KEPT) {
            bodies.remove(bodies.keySet().iterator().next());
        }
    }
}
