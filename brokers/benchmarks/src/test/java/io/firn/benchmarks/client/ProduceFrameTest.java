package io.firn.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;

class ProduceFrameTest {
    private static final BatchShape SHAPE = new BatchShape(100, 7, Codec.LZ4);

    @Test
    void aPatchedFrameIsTheSameRequestWithAnotherCorrelationId() {
        ProduceFrame frame = ProduceFrame.of("orders", List.of(3, 5), SHAPE, new Payload(1));
        Wire.patchCorrelation(frame.bytes(), 0x01020304);

        ByteBuffer bytes = frame.bytes().duplicate();
        assertThat(bytes.getInt()).isEqualTo(bytes.remaining());
        RequestHeader header = RequestHeader.parse(bytes);
        assertThat(header.apiKey()).isEqualTo(ApiKeys.PRODUCE);
        assertThat(header.correlationId()).isEqualTo(0x01020304);
        assertThat(header.clientId()).isEqualTo("firn-bench");
        var request = new ProduceRequestData(new ByteBufferAccessor(bytes), header.apiVersion());
        assertThat(bytes.hasRemaining()).isFalse();
        assertThat(request.acks()).isEqualTo((short) -1);
        var partitions = request.topicData().iterator().next().partitionData();
        assertThat(partitions).extracting("index").containsExactly(3, 5);
        for (var partition : partitions) {
            var records = (MemoryRecords) partition.records();
            assertThat(records.batches()).hasSize(1).allMatch(batch -> batch.isValid());
            assertThat(records.records())
                    .hasSize(7)
                    .allMatch(record -> record.valueSize() == 100 && !record.hasKey());
        }
    }

    @Test
    void aFrameKnowsItsPayloadBeforeCompression() {
        ProduceFrame frame = ProduceFrame.of("orders", List.of(3, 5), SHAPE, new Payload(1));
        assertThat(frame.payloadBytes()).isEqualTo(2 * 7 * 100);
        assertThat(frame.records()).isEqualTo(14);
    }

    @Test
    void valuesCompressAsEventsDo() {
        var plain = new BatchShape(1024, 16, Codec.NONE);
        int size = plain.batch(new Payload(2), 0).sizeInBytes();
        int lz4 = new BatchShape(1024, 16, Codec.LZ4).batch(new Payload(2), 0).sizeInBytes();
        int zstd = new BatchShape(1024, 16, Codec.ZSTD).batch(new Payload(2), 0).sizeInBytes();
        assertThat((double) lz4 / size).isBetween(0.3, 0.8);
        assertThat(zstd).isLessThan(lz4);
    }
}
