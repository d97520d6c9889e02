package io.firn.launcher.command;

import io.firn.controller.image.ImageInspector;
import io.firn.launcher.settings.StartupException;
import io.firn.log.SegmentInspector;
import io.firn.tiering.table.file.FileInspector;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `firn inspect ...`: prints what is on disk, without a running Firn.
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Prints what is on disk, without a running Firn.",
        subcommands = {
            InspectCommand.Segment.class,
            InspectCommand.DataFile.class,
            InspectCommand.Image.class
        })
public final class InspectCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new StartupException(
                "Cannot inspect: say what: firn inspect segment FILE, firn inspect file FILE or firn inspect image FOLDER.");
    }

    private static Path file(@Nullable Path file) {
        if (file == null || !Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new StartupException(
                    "Cannot inspect %s: no such file, or no permission to read it."
                            .formatted(file));
        }
        return file;
    }

    private static Path folder(@Nullable Path folder) {
        if (folder == null || !Files.isDirectory(folder)) {
            throw new StartupException("Cannot inspect %s: no such folder.".formatted(folder));
        }
        return folder;
    }

    /// What an inspector finds wrong with its file is an answer, not a bug.
    private static StartupException unreadable(@Nullable Path path, RuntimeException e) {
        return new StartupException("Cannot inspect %s: %s".formatted(path, e.getMessage()), e);
    }

    @Command(
            name = "segment",
            mixinStandardHelpOptions = true,
            description = "The batches of a .log file; exit status 1 when one is bad.")
    static final class Segment implements Callable<Integer> {
        @Parameters(
                description =
                        "a segment, such as firn-data/log/public.orders-0/00000000000000000000.log")
        private @Nullable Path file;

        @Override
        public Integer call() throws IOException {
            return SegmentInspector.print(file(file), System.out) ? 0 : 1;
        }
    }

    @Command(
            name = "file",
            mixinStandardHelpOptions = true,
            description = "The cold index of a data file of a topic's table.")
    static final class DataFile implements Callable<Integer> {
        @Parameters(description = "a Parquet file, such as one below firn-data/objects/firn")
        private @Nullable Path file;

        @Override
        public Integer call() {
            Path found = file(file);
            try {
                System.out.println(FileInspector.print(found));
                return 0;
            } catch (RuntimeException e) {
                throw unreadable(file, e);
            }
        }
    }

    @Command(
            name = "image",
            mixinStandardHelpOptions = true,
            description = "The cluster's metadata image: brokers, topics, partitions, settings.")
    static final class Image implements Callable<Integer> {
        @Parameters(description = "a node's metadata folder, such as firn-data/raft/follower")
        private @Nullable Path folder;

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            Path found = folder(folder);
            try {
                ImageInspector image = ImageInspector.read(found);
                System.out.println(json ? image.json() : image.text());
                return 0;
            } catch (IllegalStateException e) {
                throw unreadable(folder, e);
            }
        }
    }
}
