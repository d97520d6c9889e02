package io.firn.gateway;

import io.firn.protocol.SupportedApi;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;

import java.util.Optional;

/// Whether a client may send this request at all (G6).
final class Admission {
    private Admission() {}

    /// Why the request is refused; empty if it may pass.
    static Optional<ApiException> refusal(InboundRequest request) {
        var header = request.header();
        if (!SupportedApi.serves(header.apiKey(), header.apiVersion())) {
            return Optional.of(
                    new UnsupportedVersionException(
                            "%s version %d is not supported here"
                                    .formatted(header.apiKey().name, header.apiVersion())));
        }
        int replicaId =
                switch (request.body()) {
                    case FetchRequest fetch -> fetch.replicaId();
                    case ListOffsetsRequest list -> list.replicaId();
                    case OffsetsForLeaderEpochRequest epochs -> epochs.replicaId();
                    default -> -1;
                };
        if (replicaId >= 0) {
            return Optional.of(
                    new InvalidRequestException(
                            "Replica id %d belongs to a broker; clients send -1"
                                    .formatted(replicaId)));
        }
        return Optional.empty();
    }
}
