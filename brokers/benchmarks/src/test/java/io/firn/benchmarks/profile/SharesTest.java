package io.firn.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class SharesTest {
    @Test
    void aStackCountsForItsKindElseForTheNearestPackage() {
        String table =
                Shares.of(
                                List.of(
                                        "[log-0 tid=3];io/firn/log/LogThread.run;do_syscall;tcp_sendmsg_locked 30",
                                        "[log-0 tid=3];io/firn/log/LogThread.run;java/util/HashMap.get 50",
                                        "[C2 CompilerThre tid=9];CompileBroker::compiler_thread_loop 20"))
                        .table(5);
        assertThat(table)
                .contains("| io.firn.log | 50.0 % |")
                .contains("| socket send | 30.0 % |")
                .contains("| JIT compiler | 20.0 % |")
                .contains("| java/util/HashMap.get | 50.0 % |");
    }
}
