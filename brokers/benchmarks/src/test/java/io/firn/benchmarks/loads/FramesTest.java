package io.firn.benchmarks.loads;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Codec;
import io.firn.benchmarks.client.ProduceFrame;

import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.TreeSet;

class FramesTest {
    private static final BatchShape SHAPE = new BatchShape(10, 1, Codec.NONE);

    @Test
    void togetherTheConnectionsReachEveryPartition() {
        assertThat(partitions(Frames.spread("t", 16, 4, 4, 4, SHAPE))).hasSize(16);
        assertThat(partitions(Frames.spread("t", 1000, 4, 40, 25, SHAPE))).hasSize(1000);
        assertThat(partitions(Frames.spread("t", 1, 4, 1, 1, SHAPE))).containsExactly(0);
    }

    @Test
    void loadNamesDoNotRepeat() {
        assertThat(Loads.all()).extracting(Load::name).doesNotHaveDuplicates();
    }

    private static TreeSet<Integer> partitions(List<List<ProduceFrame>> all) {
        var out = new TreeSet<Integer>();
        for (List<ProduceFrame> own : all) {
            for (ProduceFrame frame : own) {
                var bytes = frame.bytes().duplicate();
                bytes.getInt();
                short version = RequestHeader.parse(bytes).apiVersion();
                var request = new ProduceRequestData(new ByteBufferAccessor(bytes), version);
                request.topicData()
                        .forEach(t -> t.partitionData().forEach(p -> out.add(p.index())));
            }
        }
        return out;
    }
}
