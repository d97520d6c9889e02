package io.firn.log;

import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// Logs with a fault that was mended.
public final class PlantedLogs {
    private PlantedLogs() {}

    public static List<String> names() {
        return Stream.of(Planted.values()).map(Planted::name).toList();
    }

    /// @param name one of [#names]
    public static Function<LogSettings, HotLog> with(String name) {
        return settings -> HotLog.open(settings, EnumSet.of(Planted.valueOf(name)));
    }
}
