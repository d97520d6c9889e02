package io.firn.controller.image;

import java.util.concurrent.CompletableFuture;

/// The cluster as this process sees it: one image that all its roles share (DESIGN §13).
public interface ClusterView {
    /// Clients see one node, the gateway that they are connected to, and this is its id everywhere.
    int SHOWN_NODE = 1;

    /// The cluster as it is now; looked at once per request.
    ClusterImage image();

    /// Completes when [#image()] has everything up to this offset of the metadata log, and after a
    /// second anyhow: an answer to a change waits for it before it leaves. Whoever waits must not
    /// be blocked by what follows, since it may run on the follower's thread.
    ///
    /// @param offset as [ChangeOffset] says it; -1 is there already
    CompletableFuture<Void> shows(long offset);
}
