package io.firn.protocol;

import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.feature.SupportedVersionRange;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsResponse;

import java.util.Map;

/// What Firn speaks to clients: one row per API, in all stable versions that the Kafka library
/// knows. An API without a row is neither advertised nor served.
public enum SupportedApi {
    PRODUCE(ApiKeys.PRODUCE),
    FETCH(ApiKeys.FETCH),
    LIST_OFFSETS(ApiKeys.LIST_OFFSETS),
    METADATA(ApiKeys.METADATA),
    OFFSET_COMMIT(ApiKeys.OFFSET_COMMIT),
    OFFSET_FETCH(ApiKeys.OFFSET_FETCH),
    FIND_COORDINATOR(ApiKeys.FIND_COORDINATOR),
    JOIN_GROUP(ApiKeys.JOIN_GROUP),
    HEARTBEAT(ApiKeys.HEARTBEAT),
    LEAVE_GROUP(ApiKeys.LEAVE_GROUP),
    SYNC_GROUP(ApiKeys.SYNC_GROUP),
    DESCRIBE_GROUPS(ApiKeys.DESCRIBE_GROUPS),
    LIST_GROUPS(ApiKeys.LIST_GROUPS),
    API_VERSIONS(ApiKeys.API_VERSIONS),
    CREATE_TOPICS(ApiKeys.CREATE_TOPICS),
    DELETE_TOPICS(ApiKeys.DELETE_TOPICS),
    DELETE_RECORDS(ApiKeys.DELETE_RECORDS),
    INIT_PRODUCER_ID(ApiKeys.INIT_PRODUCER_ID),
    OFFSET_FOR_LEADER_EPOCH(ApiKeys.OFFSET_FOR_LEADER_EPOCH),
    DESCRIBE_CONFIGS(ApiKeys.DESCRIBE_CONFIGS),
    ALTER_CONFIGS(ApiKeys.ALTER_CONFIGS),
    DESCRIBE_LOG_DIRS(ApiKeys.DESCRIBE_LOG_DIRS),
    CREATE_PARTITIONS(ApiKeys.CREATE_PARTITIONS),
    DELETE_GROUPS(ApiKeys.DELETE_GROUPS),
    INCREMENTAL_ALTER_CONFIGS(ApiKeys.INCREMENTAL_ALTER_CONFIGS),
    OFFSET_DELETE(ApiKeys.OFFSET_DELETE),
    DESCRIBE_CLUSTER(ApiKeys.DESCRIBE_CLUSTER),
    DESCRIBE_PRODUCERS(ApiKeys.DESCRIBE_PRODUCERS),
    CONSUMER_GROUP_HEARTBEAT(ApiKeys.CONSUMER_GROUP_HEARTBEAT),
    CONSUMER_GROUP_DESCRIBE(ApiKeys.CONSUMER_GROUP_DESCRIBE),
    DESCRIBE_TOPIC_PARTITIONS(ApiKeys.DESCRIBE_TOPIC_PARTITIONS);

    private final ApiKeys key;
    private final short minVersion;
    private final short maxVersion;

    SupportedApi(ApiKeys key) {
        this.key = key;
        this.minVersion = key.oldestVersion();
        this.maxVersion = key.latestVersion(false);
    }

    public ApiKeys key() {
        return key;
    }

    public short minVersion() {
        return minVersion;
    }

    public short maxVersion() {
        return maxVersion;
    }

    /// The row of an API that is served.
    public static SupportedApi of(ApiKeys key) {
        for (SupportedApi api : values()) {
            if (api.key == key) {
                return api;
            }
        }
        throw new IllegalArgumentException("Kafka API %s is not served".formatted(key.name));
    }

    /// Whether a request of this API and version is served. Advertised but refused is only Produce
    /// 0 to 2, which the Kafka library refuses already in the header (KAFKA-18659).
    public static boolean serves(ApiKeys key, short version) {
        for (SupportedApi api : values()) {
            if (api.key == key) {
                return version >= api.minVersion && version <= api.maxVersion;
            }
        }
        return false;
    }

    /// The answer to ApiVersions in `requestVersion`, which decides whether features with a lower
    /// bound of 0 may be named.
    ///
    /// @param finalized finalized features, for example `group.version` → 1
    /// @param finalizedEpoch epoch of these, -1 when not known
    public static ApiVersionsResponse apiVersions(
            short requestVersion,
            Features<SupportedVersionRange> supported,
            Map<String, Short> finalized,
            long finalizedEpoch) {
        return new ApiVersionsResponse.Builder()
                .setError(Errors.NONE)
                .setApiVersions(advertised())
                .setAlterFeatureLevel0(requestVersion < 4)
                .setSupportedFeatures(supported)
                .setFinalizedFeatures(finalized)
                .setFinalizedFeaturesEpoch(finalizedEpoch)
                .build();
    }

    /// The answer to a version of ApiVersions that we do not know; it is read as version 0.
    public static ApiVersionsResponse unsupportedApiVersions() {
        ApiVersionCollection one = new ApiVersionCollection();
        one.add(API_VERSIONS.row());
        return new ApiVersionsResponse.Builder()
                .setError(Errors.UNSUPPORTED_VERSION)
                .setApiVersions(one)
                .setSupportedFeatures(Features.emptySupportedFeatures())
                .setFinalizedFeatures(Map.of())
                .setFinalizedFeaturesEpoch(ApiVersionsResponse.UNKNOWN_FINALIZED_FEATURES_EPOCH)
                .build();
    }

    private static ApiVersionCollection advertised() {
        ApiVersionCollection rows = new ApiVersionCollection();
        for (SupportedApi api : values()) {
            rows.add(api.row());
        }
        return rows;
    }

    private ApiVersion row() {
        // librdkafka needs to see Produce 0 although nobody may send it (KAFKA-18659, DESIGN 13).
        short min =
                key == ApiKeys.PRODUCE
                        ? ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION
                        : minVersion;
        return new ApiVersion().setApiKey(key.id).setMinVersion(min).setMaxVersion(maxVersion);
    }
}
