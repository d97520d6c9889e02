package io.firn.launcher;

import io.firn.launcher.command.ClusterCommand;
import io.firn.launcher.command.InitCommand;
import io.firn.launcher.command.InspectCommand;
import io.firn.launcher.command.RoleCommands;
import io.firn.launcher.command.StandaloneCommand;
import io.firn.launcher.command.WarmUpCommand;
import io.firn.launcher.settings.StartupException;
import io.firn.protocol.CloseStack;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.PrintWriter;
import java.util.Optional;

/// The `firn` command.
@Command(
        name = "firn",
        mixinStandardHelpOptions = true,
        versionProvider = FirnVersion.class,
        description = "A streaming service that speaks Kafka and keeps its past as Iceberg tables.",
        subcommands = {
            StandaloneCommand.class,
            ClusterCommand.class,
            RoleCommands.ControllerCommand.class,
            RoleCommands.BrokerCommand.class,
            RoleCommands.GatewayCommand.class,
            RoleCommands.CatalogCommand.class,
            RoleCommands.BackendsCommand.class,
            InitCommand.class,
            WarmUpCommand.class,
            InspectCommand.class,
            CommandLine.HelpCommand.class
        })
public final class FirnMain implements Runnable {
    @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    public static CommandLine commandLine() {
        return new CommandLine(new FirnMain())
                .setExecutionExceptionHandler(FirnMain::explain)
                .setUsageHelpAutoWidth(true);
    }

    /// Without a command: how to use it.
    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /// What the user can mend is one line; everything else is a bug and shows where it is.
    private static int explain(
            Exception error, CommandLine command, CommandLine.ParseResult result) {
        PrintWriter err = command.getErr();
        if (error instanceof CloseStack.ClosedException) {
            return 1; // a signal came while it was starting
        }
        Optional<StartupException> userError = StartupException.in(error);
        if (userError.isPresent()) {
            err.println("firn: " + userError.get().line());
        } else {
            err.println("firn: unexpected failure. This is a bug of Firn, please report it:");
            error.printStackTrace(err);
        }
        err.flush();
        return 1;
    }
}
