package io.firn.chaos.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A TCP forwarder in front of a server, which can be away, slow, or answer only errors.
public final class Proxy implements AutoCloseable {
    /// What clients meet.
    public enum Mode {
        PASS,
        /// Nobody listens; open connections break.
        STOPPED,
        /// Half a second before each piece that is passed on.
        SLOW,
        /// Each connection is answered with [Refusal] and closed.
        ERRORS
    }

    /// How a server of this protocol says that it cannot.
    enum Refusal {
        POSTGRES {
            @Override
            byte[] bytes() {
                String fields = "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0";
                byte[] text = fields.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                return java.nio.ByteBuffer.allocate(5 + text.length)
                        .put((byte) 'E')
                        .putInt(4 + text.length)
                        .put(text)
                        .array();
            }
        },
        HTTP {
            @Override
            byte[] bytes() {
                return "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            }
        };

        abstract byte[] bytes();
    }

    private static final int BUFFER = 64 << 10;
    private static final long SLOW_MILLIS = 500;

    private final int port;
    private final int target;
    private final Refusal refusal;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.PASS;
    private volatile ServerSocket listener;
    private volatile boolean closed;

    /// @param target port on loopback
    Proxy(int target, Refusal refusal) {
        this.target = target;
        this.refusal = refusal;
        this.listener = listen(0);
        this.port = listener.getLocalPort();
        accept(listener);
    }

    int port() {
        return port;
    }

    private static ServerSocket listen(int port) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on " + port, e);
        }
    }

    /// From now on; what is open in another mode is cut, so that clients meet the new one.
    public synchronized void mode(Mode next) {
        Mode before = mode;
        mode = next;
        if (next == Mode.STOPPED) {
            quietly(listener);
        } else if (before == Mode.STOPPED) {
            listener = listen(port);
            accept(listener);
        }
        if (next == Mode.STOPPED || next == Mode.ERRORS) {
            open.forEach(Proxy::quietly);
        }
    }

    private void accept(ServerSocket from) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            while (!closed) {
                                try {
                                    Socket client = from.accept();
                                    Thread.ofVirtual().start(() -> serve(client));
                                } catch (IOException e) {
                                    return; // the listener was closed
                                }
                            }
                        });
    }

    private void serve(Socket client) {
        open.add(client);
        try (client) {
            if (mode == Mode.ERRORS) {
                refuse(client);
                return;
            }
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
                open.add(server);
                Thread back = Thread.ofVirtual().start(() -> pump(server, client));
                pump(client, server);
                back.join();
                open.remove(server);
            }
        } catch (IOException e) {
            // one of the two is gone, and so is the connection
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private void refuse(Socket client) throws IOException {
        byte[] buffer = new byte[BUFFER];
        client.setSoTimeout(5_000);
        if (client.getInputStream().read(buffer) > 0) {
            client.getOutputStream().write(refusal.bytes());
            client.shutdownOutput();
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (mode == Mode.SLOW) {
                    Thread.sleep(SLOW_MILLIS);
                }
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            quietly(from);
            quietly(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void quietly(AutoCloseable what) {
        try {
            what.close();
        } catch (Exception e) {
            // it is going anyway
        }
    }

    @Override
    public void close() {
        closed = true;
        quietly(listener);
        open.forEach(Proxy::quietly);
    }
}
