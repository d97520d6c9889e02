/// Kafka frames and requests on Netty, shared by gateway, broker and controller.
///
/// A connection's way: `FrameDecoder` → (`Preface` on cluster ports) → `ConnectionHandler` → the
/// role's `RequestHandler`; back through `ResponseQueue`, which keeps the order of the requests.
///
/// From the bottom up: `body`, `frame`, `preface`, `response`, `connection`; here are the server
/// and what its users configure and share.
@NullMarked
package io.firn.protocol;

import org.jspecify.annotations.NullMarked;
