package io.firn.broker.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.broker.cold.ColdTier;
import io.firn.broker.partition.LedPartition;
import io.firn.log.EpochEnd;
import io.firn.log.EpochEntry;
import io.firn.log.PartitionLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.List;

class EpochEndsTest {
    private static final int EPOCH = 5;

    /// Offsets up to 10 are appended, up to 7 durable; all of them by epoch 4.
    private static PartitionLog log() {
        return (PartitionLog)
                Proxy.newProxyInstance(
                        PartitionLog.class.getClassLoader(),
                        new Class<?>[] {PartitionLog.class},
                        (proxy, method, arguments) ->
                                switch (method.getName()) {
                                    case "becomeLeader", "onHighWatermark" -> null;
                                    case "endOffset" -> 10L;
                                    case "durableEnd" -> 7L;
                                    case "epochs" -> List.of(new EpochEntry(4, 0));
                                    case "endOffsetForEpoch" ->
                                            (int) arguments[0] == 4
                                                    ? new EpochEnd(4, 10)
                                                    : EpochEnd.NONE;
                                    default -> throw new IllegalStateException(method.getName());
                                });
    }

    @Test
    void anEpochEndsWhereTheLogIsDurableAndNotWhereItIsAppended() { // L3
        var handler = new OffsetForLeaderEpochHandler(null, ColdTier.NONE, Runnable::run);
        var led =
                new LedPartition(
                        new TopicIdPartition(Uuid.randomUuid(), 0, "public.orders"),
                        new LedPartition.Leadership(EPOCH, 1),
                        EpochEndsTest::log);
        assertThat(handler.find(led, EPOCH)).isEqualTo(new EpochEnd(EPOCH, 7));
        assertThat(handler.find(led, 4)).isEqualTo(new EpochEnd(4, 7));
        assertThat(handler.find(led, EPOCH + 1)).isEqualTo(EpochEnd.NONE);
    }
}
