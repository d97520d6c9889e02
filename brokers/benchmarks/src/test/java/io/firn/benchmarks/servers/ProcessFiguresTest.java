package io.firn.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.firn.benchmarks.BenchException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ProcessFiguresTest {
    @TempDir private Path proc;

    @Test
    void jitThreadsAreTakenOffTheProcess() throws IOException {
        process(7, "java", 1000, 400);
        task(7, 70, "data-plane (1)", 500, 300);
        task(7, 71, "C2 CompilerThre", 200, 10);
        task(7, 72, "C1 CompilerThre", 100, 5);
        CpuTime time = new ProcessFigures(proc).cpu(List.of(7L));
        assertThat(time.seconds()).isCloseTo(14.00 - 3.15, within(1e-9));
        assertThat(time.kernelSeconds()).isCloseTo(4.00 - 0.15, within(1e-9));
        assertThat(time.jitSeconds()).isCloseTo(3.15, within(1e-9));
    }

    @Test
    void severalProcessesAddUp() throws IOException {
        process(7, "java", 100, 0);
        process(8, "java", 0, 50);
        CpuTime time = new ProcessFigures(proc).cpu(List.of(7L, 8L));
        assertThat(time.seconds()).isCloseTo(1.5, within(1e-9));
    }

    @Test
    void namesMayHoldSpacesAndParentheses() {
        TaskStat stat = TaskStat.parse(line("a) b (c", 12, 34));
        assertThat(stat).isEqualTo(new TaskStat("a) b (c", 12, 34));
    }

    @Test
    void residentMemoryIsInBytes() throws IOException {
        process(7, "java", 1, 1);
        Files.writeString(proc.resolve("7/status"), "Name:\tjava\nVmRSS:\t  2048 kB\n");
        assertThat(new ProcessFigures(proc).residentBytes(List.of(7L))).isEqualTo(2L << 20);
    }

    @Test
    void whatTheHostTookIsTheEighthFigureOfAllProcessors() throws IOException {
        Files.writeString(
                proc.resolve("stat"), "cpu  1 2 3 4 5 6 7 250 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
        assertThat(new ProcessFigures(proc).stolenSeconds()).isEqualTo(2.5);
    }

    @Test
    void aProcessThatEndedIsNamed() {
        assertThatThrownBy(() -> new ProcessFigures(proc).cpu(List.of(4711L)))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("4711");
    }

    @Test
    void thisJvmUsesCpuAndMemory() {
        long pid = ProcessHandle.current().pid();
        var figures = new ProcessFigures();
        assertThat(figures.cpu(List.of(pid)).seconds()).isPositive();
        assertThat(figures.residentBytes(List.of(pid))).isGreaterThan(10L << 20);
    }

    private void process(int pid, String name, long user, long kernel) throws IOException {
        Files.createDirectories(proc.resolve(pid + "/task"));
        Files.writeString(proc.resolve(pid + "/stat"), line(name, user, kernel));
    }

    private void task(int pid, int id, String name, long user, long kernel) throws IOException {
        Path folder = proc.resolve(pid + "/task/" + id);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("stat"), line(name, user, kernel));
    }

    private static String line(String name, long user, long kernel) {
        return "7 (%s) S 1 7 7 0 -1 4194560 1 2 3 4 %d %d 5 6 20 0 30 0 99 1 2\n"
                .formatted(name, user, kernel);
    }
}
