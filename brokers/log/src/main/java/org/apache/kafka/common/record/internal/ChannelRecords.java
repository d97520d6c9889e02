package org.apache.kafka.common.record.internal;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;

/// The one thing that Firn needs from inside this package: a `FileRecords` over a channel of its
/// own choice. Kafka's constructor for it is package-private.
public final class ChannelRecords {
    private ChannelRecords() {}

    /// Records that read from and append to `channel`, which they own from here on.
    public static FileRecords over(File file, FileChannel channel) throws IOException {
        return new FileRecords(file, channel, Integer.MAX_VALUE);
    }
}
