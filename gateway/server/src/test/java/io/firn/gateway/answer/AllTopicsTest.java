package io.firn.gateway.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.FakeCluster;
import io.firn.protocol.TenantNames;

import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;

class AllTopicsTest {
    private final FakeCluster cluster = new FakeCluster();
    private final AllTopics all = new AllTopics();
    private int made;

    private ByteBuffer ask(String tenant, MetadataRequest request) {
        return all.body(
                request,
                cluster.image(),
                new TenantNames(tenant),
                () -> {
                    made++;
                    return new MetadataResponse(
                            new MetadataResponseData().setClusterId(tenant + made),
                            request.version());
                });
    }

    @Test
    void anAnswerIsMadeOncePerTenantAndVersionUntilTheTopicsChange() { // G7, G12
        cluster.topic("public.a", 5);
        MetadataRequest request = MetadataRequest.Builder.allTopics().build();
        MetadataRequest older = MetadataRequest.Builder.allTopics().build((short) 5);

        ByteBuffer first = ask("public", request);
        cluster.broker(7, 1234, false); // another image of the same topics
        assertThat(ask("public", request)).isSameAs(first);
        assertThat(made).isEqualTo(1);
        assertThat(ask("other", request)).isNotEqualTo(first);
        ask("public", older);
        assertThat(made).isEqualTo(3);

        cluster.topic("public.b", 5);
        assertThat(ask("public", request)).isNotEqualTo(first);
        assertThat(made).isEqualTo(4);
    }
}
