package io.firn.launcher;

import io.firn.controller.ImageInspector;
import io.firn.log.SegmentInspector;
import io.firn.tiering.table.FileInspector;

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
final class InspectCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new StartupException(
                "Cannot inspect: say what, for example `firn inspect segment FILE`.");
    }

    private static Path existing(@Nullable Path file) {
        if (file == null || !Files.isReadable(file)) {
            throw new StartupException(
                    "Cannot inspect %s: no such file, or no permission to read it."
                            .formatted(file));
        }
        return file;
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
            return SegmentInspector.print(existing(file), System.out) ? 0 : 1;
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
            System.out.println(FileInspector.print(existing(file)));
            return 0;
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
            ImageInspector image = ImageInspector.read(existing(folder));
            System.out.println(json ? image.json() : image.text());
            return 0;
        }
    }
}
