package io.firn.launcher.command;

import io.firn.launcher.process.Standalone;
import io.firn.launcher.settings.Role;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.protocol.CloseStack;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `firn standalone`: controller, broker, gateway and catalog in one JVM, with embedded Postgres
/// and S3.
@Command(
        name = "standalone",
        mixinStandardHelpOptions = true,
        description = "Runs all of Firn in one process with embedded Postgres and S3.")
public final class StandaloneCommand implements Callable<Integer> {
    @Option(names = "--data", description = "data folder (default: ./firn-data)")
    private @Nullable String data;

    @Option(names = "--host", description = "address to bind (default: 127.0.0.1)")
    private @Nullable String host;

    @Option(
            names = "--advertised-host",
            description = "what Kafka clients are told (default: the host)")
    private @Nullable String advertisedHost;

    @Option(names = "--kafka-port", description = "Kafka address (default: 9092; 0: a free port)")
    private @Nullable String kafkaPort;

    @Option(names = "--catalog-port", description = "catalog (default: 8080; 0: a free port)")
    private @Nullable String catalogPort;

    @Option(names = "--s3-port", description = "embedded S3 (default: 9000; 0: a free port)")
    private @Nullable String s3Port;

    @Option(names = "--config", description = "firn.yaml with more settings (default: none)")
    private @Nullable Path config;

    @Override
    public Integer call() throws Exception {
        Settings settings = settings();
        TimeSlices.shorten();
        CloseStack parts = new CloseStack("standalone");
        Standalone standalone =
                StopSignal.startUntilSignal(parts, () -> Standalone.start(settings, parts));
        System.out.println(standalone.ready());
        AotTraining.beginIfAsked(parts);
        return standalone
                .failure()
                .handle(
                        (nothing, error) -> {
                            System.err.println(
                                    "firn: a part of Firn cannot go on, so it stops; start it again. Reason: "
                                            + error);
                            return 1;
                        })
                .get();
    }

    private Settings settings() {
        Settings settings =
                config == null
                        ? Settings.empty()
                        : Settings.read(config).requireReadBy(Role.STANDALONE);
        settings = given(settings, Setting.DATA, data);
        settings = given(settings, Setting.HOST, host);
        settings = given(settings, Setting.ADVERTISED_HOST, advertisedHost);
        settings = given(settings, Setting.KAFKA_PORT, kafkaPort);
        settings = given(settings, Setting.CATALOG_PORT, catalogPort);
        return given(settings, Setting.S3_PORT, s3Port);
    }

    private static Settings given(Settings settings, Setting setting, @Nullable String value) {
        return value == null ? settings : settings.with(setting, value);
    }
}
