package io.firn.benchmarks.limits;

import java.io.IOException;

/// As [Forwarder], but the bytes stay in the kernel: socket to pipe to socket by `splice(2)`,
/// called through the foreign-function API. The cheapest forwarder that Java can be on Linux.
///
/// Arguments: its own port, and the server's `127.0.0.1 port`. Two threads a connection; sockets
/// are shut down and not closed, since this process ends with its benchmark.
public final class SpliceForwarder {
    private static final int PIPE_BYTES = 1 << 20;

    private SpliceForwarder() {}

    public static void main(String[] args) throws IOException {
        int listener = Native.listen(Integer.parseInt(args[0]));
        int server = Integer.parseInt(args[2]);
        System.out.println("Forwarder is ready: 127.0.0.1:" + args[0]);
        while (true) {
            int client = Native.accept(listener);
            int upstream = Native.connect(server);
            int[] up = Native.pipe(PIPE_BYTES);
            int[] down = Native.pipe(PIPE_BYTES);
            Thread.ofPlatform().daemon().start(() -> move(client, up, upstream));
            Thread.ofPlatform().daemon().start(() -> move(upstream, down, client));
        }
    }

    private static void move(int from, int[] pipe, int to) {
        try {
            boolean open = true;
            while (open) {
                long left = Native.splice(from, pipe[1], PIPE_BYTES);
                open = left > 0;
                while (open && left > 0) {
                    long moved = Native.splice(pipe[0], to, left);
                    left -= moved;
                    open = moved > 0;
                }
            }
            Native.shutdown(from);
            Native.shutdown(to);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
