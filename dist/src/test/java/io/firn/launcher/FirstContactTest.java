package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a newcomer can get wrong is one clear line and an exit status that is not 0, and leaves
/// nothing behind.
class FirstContactTest {
    /// @param status the exit status
    /// @param lines what went to stderr
    record Answer(int status, List<String> lines) {}

    @TempDir Path temp;

    private static Answer firn(String... args) {
        var err = new StringWriter();
        CommandLine command = FirnMain.commandLine().setErr(new PrintWriter(err));
        int status = command.execute(args);
        return new Answer(status, err.toString().lines().toList());
    }

    private Answer standalone(String yaml, String... more) throws IOException {
        Path config = Files.writeString(temp.resolve("firn.yaml"), yaml);
        var args =
                new ArrayList<>(
                        List.of(
                                "standalone",
                                "--config",
                                config.toString(),
                                "--data",
                                temp.resolve("data").toString()));
        args.addAll(Arrays.asList(more));
        return firn(args.toArray(String[]::new));
    }

    private void assertOneLine(Answer answer, String... parts) {
        assertThat(answer.status()).isNotZero();
        assertThat(answer.lines()).hasSize(1);
        assertThat(answer.lines().getFirst()).startsWith("firn: Cannot ").contains(parts);
        assertThat(temp.resolve("data")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka-port",
                "catalog-port",
                "s3-port",
                "metrics-port",
                "broker.port",
                "direct.port"
            })
    void aTakenPortIsNamed(String setting) throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String others = "";
            for (String port : List.of("kafka-port", "catalog-port", "s3-port")) {
                others += port.equals(setting) ? "" : port + ": 0\n";
            }
            assertOneLine(
                    standalone(others + setting + ": " + taken.getLocalPort()),
                    "127.0.0.1:" + taken.getLocalPort(),
                    setting,
                    "is taken");
        }
    }

    @Test
    void aHostThatIsNotOursIsNamed() throws IOException {
        assertOneLine(standalone("host: 192.0.2.1"), "192.0.2.1", "not of this machine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "0:0:0:0:0:0:0:0", "\"\""})
    void anAddressThatNobodyCanConnectToIsNotHandedOut(String host) throws IOException { // D10
        assertOneLine(standalone("host: '" + host.replace("\"", "") + "'"), "--advertised-host");
        assertOneLine(
                standalone("advertised-host: '" + host.replace("\"\"", "0.0.0.0") + "'"),
                "advertised-host");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3.endpoint: http://0.0.0.0:9000",
                "s3.endpoint: http://[::]:9000",
            })
    void anEndpointThatNoEngineCanReachIsNamed(String yaml) throws IOException { // D10
        assertOneLine(
                standalone(yaml + "\nkafka-port: 0\ncatalog-port: 0\ns3-port: 0"), "s3.endpoint");
    }

    /// D7: nobody may believe in a setting that is not read.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "controller.host: 10.0.0.1",
                "cluster-id: abc",
                "cluster-key-file: /key",
                "controller.voters: 1@10.0.0.1:9093",
                "catalog.url: http://10.0.0.1:8080"
            })
    void aSettingThatStandaloneDoesNotReadIsRefused(String yaml) throws IOException {
        assertOneLine(standalone(yaml), yaml.substring(0, yaml.indexOf(':')), "does not read");
    }

    @Test
    void anUnknownSettingIsNamedWithTheOneThatWasMeant() throws IOException {
        assertOneLine(standalone("kafka-prot: 1"), "kafka-prot", "Did you mean kafka-port?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka-port: many",
                "kafka-port: 70000",
                "auto.create.topics.enable: perhaps",
                "num.partitions: 0",
                "journal.bytes: 1000",
                "data: [a, b]",
                "firn.durability: sometimes",
                "- a list",
                "kafka-port: 1\nkafka-port: 2",
                "kafka-port: {"
            })
    void aWrongValueIsOneLine(String yaml) throws IOException {
        assertOneLine(standalone(yaml), "firn.yaml");
    }

    @Test
    void aWrongOptionIsOneLine() throws IOException {
        assertOneLine(standalone("", "--kafka-port", "many"), "kafka-port is 'many'");
    }

    @Test
    void aMissingConfigurationFileIsNamed() {
        Answer answer = firn("broker", "--config", temp.resolve("none.yaml").toString());
        assertOneLine(answer, "none.yaml", "no such file");
    }

    @Test
    void aDataFolderThatIsAFileIsNamed() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "");
        Answer answer =
                firn(
                        "standalone",
                        "--data",
                        file.resolve("data").toString(),
                        "--kafka-port=0",
                        "--catalog-port=0",
                        "--s3-port=0");
        assertOneLine(answer, file.toString(), "--data");
    }

    @Test
    void aBrokerWithoutItsSettingsSaysWhichOneIsMissing() throws IOException {
        Path config = Files.writeString(temp.resolve("broker.yaml"), "node-id: 1");
        assertOneLine(firn("broker", "--config", config.toString()), "cluster-key-file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"segment", "file", "image"})
    void anInspectorNamesWhatIsNotThere(String what) {
        String path = temp.resolve("nothing").toString();
        assertOneLine(firn("inspect", what, path), path, "no such");
    }

    @Test
    void anInspectorSaysWhatAFileIsNot() throws IOException {
        String file = Files.writeString(temp.resolve("x.parquet"), "no Parquet at all").toString();
        assertOneLine(firn("inspect", "file", file), file, "does not end as a Parquet file");
        String folder = temp.toString();
        assertOneLine(firn("inspect", "image", folder), folder, "__cluster_metadata-0");
    }

    @Test
    void aClusterIsMadeOnce() {
        String folder = temp.resolve("cluster").toString();
        assertThat(firn("init", folder).status()).isZero();
        assertOneLine(firn("init", folder), folder, "there is one already");
    }

    @Test
    void anOlderJavaIsNotEnough() throws Exception {
        Path jdk = Files.createDirectories(temp.resolve("jdk-21/bin")).getParent();
        Path java = Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"21.0.4\"\n");
        Path script =
                Files.writeString(
                        temp.resolve("find-java"),
                        Files.readString(Path.of("src/main/bin/find-java"))
                                .replace("/usr/lib/jvm/*", "/nowhere/*")
                                .replace("/opt/", "/nowhere/"));
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", ". " + script + "; find_java");
        builder.environment().put("FIRN_JAVA_HOME", jdk.toString());
        builder.environment().put("HOME", temp.toString());
        builder.environment().remove("JAVA_HOME");
        Path tools = Files.createDirectories(temp.resolve("tools"));
        for (String tool : List.of("readlink", "grep", "head", "bash")) {
            Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
        }
        builder.environment().put("PATH", tools.toString());
        Process process = builder.start();
        List<String> lines = process.errorReader().lines().toList();
        assertThat(process.waitFor()).isNotZero();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst())
                .contains("no Java 25 found", jdk + "/bin/java is another version");
    }
}
