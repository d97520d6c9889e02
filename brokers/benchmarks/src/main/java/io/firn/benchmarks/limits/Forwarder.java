package io.firn.benchmarks.limits;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// A bare TCP forwarder: copies bytes between a client and a server and knows nothing about them.
/// What a gateway in Java costs at least, unless bytes stay in the kernel.
///
/// Arguments: its own port, and the server's `host port`. Two threads a connection.
public final class Forwarder {
    private static final int BUFFER_BYTES = 256 << 10;

    private Forwarder() {}

    public static void main(String[] args) throws IOException {
        var server = new InetSocketAddress(args[1], Integer.parseInt(args[2]));
        try (var listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));
            System.out.println("Forwarder is ready: " + listener.getLocalAddress());
            while (true) {
                SocketChannel client = listener.accept();
                SocketChannel upstream = SocketChannel.open(server);
                client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                upstream.setOption(StandardSocketOptions.TCP_NODELAY, true);
                Thread.ofPlatform().daemon().start(() -> copy(client, upstream));
                Thread.ofPlatform().daemon().start(() -> copy(upstream, client));
            }
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (from;
                to) {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
        } catch (IOException e) {
            // One side is gone; closing both tells the other.
        }
    }
}
