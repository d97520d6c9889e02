package io.firn.chaos;

import io.firn.chaos.scenario.CrashPointsCommand;
import io.firn.chaos.scenario.DiskCommand;
import io.firn.chaos.scenario.OutageCommand;
import io.firn.chaos.scenario.PowerCutCommand;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `./firn chaos`: Firn broken on purpose (docs/chaos.md).
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description = "Breaks a Firn on purpose and checks that nothing acknowledged is lost.",
        subcommands = {
            CrashPointsCommand.class,
            PowerCutCommand.class,
            OutageCommand.class,
            DiskCommand.class,
            CommandLine.HelpCommand.class
        })
public final class ChaosMain implements Runnable {
    @CommandLine.Spec private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    public static void main(String[] args) {
        // An interrupted test leaves no process behind.
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () ->
                                        ProcessHandle.current()
                                                .descendants()
                                                .forEach(ProcessHandle::destroyForcibly)));
        System.exit(new CommandLine(new ChaosMain()).setUsageHelpAutoWidth(true).execute(args));
    }

    /// Without a command: how to use it.
    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
