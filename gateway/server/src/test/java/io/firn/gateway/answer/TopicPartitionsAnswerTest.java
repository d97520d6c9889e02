package io.firn.gateway.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.FakeCluster;
import io.firn.protocol.TenantNames;

import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class TopicPartitionsAnswerTest {
    private static final int MOST = 2_000;

    private final FakeCluster cluster = new FakeCluster();

    private DescribeTopicPartitionsResponseData ask(DescribeTopicPartitionsRequestData data) {
        return new TopicPartitionsAnswer()
                .answer(
                        new DescribeTopicPartitionsRequest(data),
                        cluster.image(),
                        new TenantNames("public"))
                .data();
    }

    @Test
    void aPageIsAsLongAsItsLimitWhateverNamesWereMadeUp() { // G7
        cluster.topic("public.there", 5, 5);
        var asked = new DescribeTopicPartitionsRequestData().setResponsePartitionLimit(MOST);
        for (int i = 0; i < 5 * MOST; i++) {
            asked.topics().add(new TopicRequest().setName("made-up-%05d".formatted(i)));
        }
        asked.topics().add(new TopicRequest().setName("there"));

        List<String> names = new ArrayList<>();
        DescribeTopicPartitionsResponseData page = ask(asked);
        assertThat(page.topics()).hasSize(MOST);
        while (page.nextCursor() != null) {
            page.topics().forEach(topic -> names.add(topic.name()));
            page =
                    ask(
                            asked.setCursor(
                                    new Cursor()
                                            .setTopicName(page.nextCursor().topicName())
                                            .setPartitionIndex(
                                                    page.nextCursor().partitionIndex())));
            assertThat(page.topics()).hasSizeLessThanOrEqualTo(MOST);
        }
        page.topics().forEach(topic -> names.add(topic.name()));
        assertThat(names).hasSize(5 * MOST + 1).doesNotHaveDuplicates();
        assertThat(page.topics().find("there").partitions()).hasSize(2);
        assertThat(page.topics().find("there").errorCode()).isEqualTo(Errors.NONE.code());
    }
}
