package io.firn.launcher.command;

import io.firn.launcher.process.RunningRole;
import io.firn.launcher.settings.Role;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;
import io.firn.protocol.CloseStack;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;

/// `firn controller|broker|gateway|catalog --config FILE`: one role a process.
public final class RoleCommands {
    private RoleCommands() {}

    /// What the four commands share: read the settings, start, say so, wait for a signal.
    abstract static class RoleCommand implements Callable<Integer> {
        @Option(names = "--config", required = true, description = "firn.yaml of this process")
        private @Nullable Path config;

        private final Role role;
        private final BiFunction<Settings, CloseStack, RunningRole> start;

        RoleCommand(Role role, BiFunction<Settings, CloseStack, RunningRole> start) {
            this.role = role;
            this.start = start;
        }

        @Override
        public Integer call() throws Exception {
            if (config == null) {
                throw new StartupException(
                        "Cannot start the %s: --config is missing.".formatted(role.label()));
            }
            Settings settings = Settings.read(config).requireReadBy(role);
            TimeSlices.shorten();
            CloseStack parts = new CloseStack(role.label());
            RunningRole running =
                    StopSignal.startUntilSignal(parts, () -> start.apply(settings, parts));
            System.out.println("Firn %s is ready: %s".formatted(role.label(), running.address()));
            return running.failure()
                    .handle(
                            (nothing, error) -> {
                                System.err.println(
                                        "firn: the %s cannot go on, so it stops; start it again. Reason: %s"
                                                .formatted(role.label(), error));
                                return 1;
                            })
                    .get();
        }
    }

    @Command(
            name = "controller",
            mixinStandardHelpOptions = true,
            description = "Runs a controller.")
    public static final class ControllerCommand extends RoleCommand {
        ControllerCommand() {
            super(Role.CONTROLLER, RunningRole::controller);
        }
    }

    @Command(name = "broker", mixinStandardHelpOptions = true, description = "Runs a broker.")
    public static final class BrokerCommand extends RoleCommand {
        BrokerCommand() {
            super(Role.BROKER, RunningRole::broker);
        }
    }

    @Command(name = "gateway", mixinStandardHelpOptions = true, description = "Runs a gateway.")
    public static final class GatewayCommand extends RoleCommand {
        GatewayCommand() {
            super(Role.GATEWAY, RunningRole::gateway);
        }
    }

    @Command(name = "catalog", mixinStandardHelpOptions = true, description = "Runs the catalog.")
    public static final class CatalogCommand extends RoleCommand {
        CatalogCommand() {
            super(Role.CATALOG, RunningRole::catalog);
        }
    }

    @Command(
            name = "backends",
            mixinStandardHelpOptions = true,
            description =
                    "Runs embedded Postgres and S3 alone, for trying separate processes on one machine.")
    public static final class BackendsCommand extends RoleCommand {
        BackendsCommand() {
            super(Role.BACKENDS, RunningRole::backends);
        }
    }
}
