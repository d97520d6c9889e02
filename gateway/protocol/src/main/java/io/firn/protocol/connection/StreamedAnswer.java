package io.firn.protocol.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;

/// A response that is passed on in parts, while it is this request's turn to be answered. Used on
/// the connection's event loop only.
public interface StreamedAnswer {
    /// Whether all requests before this one have been answered, so that [#write] may be called.
    boolean isTurn();

    /// Takes ownership of `part`, the next bytes of the response frame (which begins with its
    /// size). The last part ends the turn.
    void write(ByteBuf part, boolean last);

    /// As the other, for bytes that never come into this process. They are written out at once.
    void write(FileRegion part, boolean last);
}
