package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Payload;
import io.firn.benchmarks.client.ProduceFrame;

import java.util.ArrayList;
import java.util.List;

/// Lays requests out over partitions.
final class Frames {
    private Frames() {}

    /// Each connection begins at another partition, so that together they hit all of them.
    ///
    /// @param each requests that a connection sends in turn
    /// @param batches partitions that one request holds a batch for
    static List<List<ProduceFrame>> spread(
            String topic,
            int partitions,
            int connections,
            int each,
            int batches,
            BatchShape shape) {
        var payload = new Payload(11);
        var all = new ArrayList<List<ProduceFrame>>();
        for (int c = 0; c < connections; c++) {
            var own = new ArrayList<ProduceFrame>();
            for (int f = 0; f < each; f++) {
                var to = new ArrayList<Integer>();
                for (int b = 0; b < batches; b++) {
                    to.add(((c * Math.max(1, each / connections) + f) * batches + b) % partitions);
                }
                own.add(ProduceFrame.of(topic, to, shape, payload));
            }
            all.add(own);
        }
        return all;
    }
}
