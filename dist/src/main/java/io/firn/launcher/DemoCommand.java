package io.firn.launcher;

import io.firn.demo.DemoMain;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.util.concurrent.Callable;

/// `firn demo`: starts a Firn of its own and tells the story on real data.
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "The story in one command: produce, tier, replay, query, on 336,776 real records.")
final class DemoCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", description = "folder for the demo's data (default: ./firn-demo)")
    private @Nullable String folder;

    @Override
    public Integer call() {
        DemoMain.main(folder == null ? new String[0] : new String[] {folder});
        return 0;
    }
}
