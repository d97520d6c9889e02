package io.firn.gateway.answer;

import io.firn.controller.image.ClusterImage;
import io.firn.protocol.SupportedApi;

import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.feature.SupportedVersionRange;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.server.common.GroupVersion;
import org.apache.kafka.server.common.MetadataVersion;

import java.util.Map;
import java.util.stream.Collectors;

/// Which APIs and features the cluster has.
final class ApiVersionsAnswer {
    private static final Features<SupportedVersionRange> SUPPORTED =
            Features.supportedFeatures(
                    Map.of(
                            MetadataVersion.FEATURE_NAME,
                            new SupportedVersionRange(
                                    MetadataVersion.MINIMUM_VERSION.featureLevel(),
                                    MetadataVersion.latestProduction().featureLevel()),
                            GroupVersion.FEATURE_NAME,
                            new SupportedVersionRange((short) 0, (short) 1)));

    private ApiVersionsAnswer() {}

    static ApiVersionsResponse answer(ApiVersionsRequest request, ClusterImage image) {
        if (!request.isValid()) {
            return request.getErrorResponse(
                    0, new InvalidRequestException("Client software name or version is malformed"));
        }
        // Since version 5 a client says which cluster it believes to talk to (KIP-1242). Its node
        // id is not checked: every gateway stands for every node.
        String believed = request.data().clusterId();
        if (believed != null
                && !believed.isEmpty()
                && !image.clusterId().isEmpty()
                && !believed.equals(image.clusterId())) {
            return request.getErrorResponse(0, Errors.REBOOTSTRAP_REQUIRED.exception());
        }
        var features = image.features();
        Map<String, Short> finalized =
                features.finalizedFeatures().entrySet().stream()
                        .filter(e -> SUPPORTED.get(e.getKey()) != null)
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return SupportedApi.apiVersions(
                request.version(), SUPPORTED, finalized, features.finalizedFeaturesEpoch());
    }
}
