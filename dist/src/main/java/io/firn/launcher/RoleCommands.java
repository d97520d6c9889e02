package io.firn.launcher;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/// `firn controller|broker|gateway|catalog --config FILE`: one role a process.
final class RoleCommands {
    private RoleCommands() {}

    /// What the four commands share: read the settings, start, say so, wait for a signal.
    abstract static class RoleCommand implements Callable<Integer> {
        @Option(names = "--config", required = true, description = "firn.yaml of this process")
        private @Nullable Path config;

        private final String role;
        private final Function<Settings, RunningRole> start;

        RoleCommand(String role, Function<Settings, RunningRole> start) {
            this.role = role;
            this.start = start;
        }

        @Override
        public Integer call() throws Exception {
            if (config == null) {
                throw new StartupException(
                        "Cannot start the %s: --config is missing.".formatted(role));
            }
            RunningRole running = start.apply(Settings.read(config));
            var stopped = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(
                                    () -> {
                                        running.close();
                                        stopped.countDown();
                                    },
                                    "firn-stop"));
            System.out.println("Firn %s is ready: %s".formatted(role, running.address()));
            stopped.await();
            return 0;
        }
    }

    @Command(
            name = "controller",
            mixinStandardHelpOptions = true,
            description = "Runs a controller.")
    static final class ControllerCommand extends RoleCommand {
        ControllerCommand() {
            super("controller", RunningRole::controller);
        }
    }

    @Command(name = "broker", mixinStandardHelpOptions = true, description = "Runs a broker.")
    static final class BrokerCommand extends RoleCommand {
        BrokerCommand() {
            super("broker", RunningRole::broker);
        }
    }

    @Command(name = "gateway", mixinStandardHelpOptions = true, description = "Runs a gateway.")
    static final class GatewayCommand extends RoleCommand {
        GatewayCommand() {
            super("gateway", RunningRole::gateway);
        }
    }

    @Command(name = "catalog", mixinStandardHelpOptions = true, description = "Runs the catalog.")
    static final class CatalogCommand extends RoleCommand {
        CatalogCommand() {
            super("catalog", RunningRole::catalog);
        }
    }
}
