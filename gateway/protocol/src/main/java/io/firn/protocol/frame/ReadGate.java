package io.firn.protocol.frame;

import io.netty.channel.Channel;

import org.jspecify.annotations.Nullable;

import java.util.EnumSet;
import java.util.Set;

/// Whether a connection is read: while there is any reason not to, `autoRead` is off and no further
/// frame is decoded. Used on the channel's event loop only.
public final class ReadGate {
    /// Why a connection is not read for now.
    public enum Reason {
        /// No room in the server's byte budget for the next frame.
        BUDGET,
        /// No room in it for what a request's body is parsed into.
        BODY,
        /// A large request is handled off the event loop.
        WORKER,
        /// Too many unanswered requests.
        QUEUE,
        /// The client does not read its responses.
        SLOW_READER,
        /// Whoever handles the requests asked for a pause.
        HANDLER,
        /// What is behind the handlers has as much to do as it may (L10).
        OVERLOAD
    }

    private final Channel channel;
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    private @Nullable Runnable onOpen;

    public ReadGate(Channel channel) {
        this.channel = channel;
    }

    /// Called whenever the gate opens, to go on with bytes that were read but not decoded.
    void onOpen(Runnable action) {
        this.onOpen = action;
    }

    public boolean isOpen() {
        return reasons.isEmpty();
    }

    boolean isClosedFor(Reason reason) {
        return reasons.contains(reason);
    }

    public void set(Reason reason, boolean closed) {
        boolean was = isOpen();
        boolean changed = closed ? reasons.add(reason) : reasons.remove(reason);
        if (!changed) {
            return;
        }
        if (was && !isOpen()) {
            channel.config().setAutoRead(false);
        } else if (!was && isOpen()) {
            if (onOpen != null) {
                onOpen.run();
            }
            if (isOpen()) {
                channel.config().setAutoRead(true);
            }
        }
    }
}
