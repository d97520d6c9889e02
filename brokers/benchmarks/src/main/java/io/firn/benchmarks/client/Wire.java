package io.firn.benchmarks.client;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.requests.RequestHeader;

import java.nio.ByteBuffer;

/// Kafka requests as bytes: `size, api key, version, correlation id, ...`.
final class Wire {
    /// The last versions that name topics, not their ids, so no metadata is needed before them.
    static final short PRODUCE_VERSION = 11;

    static final short FETCH_VERSION = 12;

    /// Bytes before the correlation id: the size (4), the API key (2) and the version (2).
    private static final int CORRELATION_POSITION = 8;

    private Wire() {}

    /// @return a direct buffer that holds the whole frame, ready to be written
    static ByteBuffer frame(ApiKeys api, short version, ApiMessage body) {
        var header = new RequestHeader(api, version, "firn-bench", 0);
        var cache = new ObjectSerializationCache();
        int size = header.data().size(cache, header.headerVersion()) + body.size(cache, version);
        var buffer = ByteBuffer.allocateDirect(Integer.BYTES + size);
        var out = new ByteBufferAccessor(buffer);
        out.writeInt(size);
        header.data().write(out, cache, header.headerVersion());
        body.write(out, cache, version);
        return buffer.flip();
    }

    static void patchCorrelation(ByteBuffer frame, int correlation) {
        frame.putInt(CORRELATION_POSITION, correlation);
    }
}
