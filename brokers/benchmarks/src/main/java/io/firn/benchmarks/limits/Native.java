package io.firn.benchmarks.limits;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/// The few calls of Linux that a forwarder needs whose bytes never enter user space.
final class Native {
    private static final int AF_INET = 2;
    private static final int SOCK_STREAM = 1;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int SPLICE_F_MOVE = 1;
    private static final int LOOPBACK = 0x7f000001;
    private static final int BACKLOG = 1024;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout ADDRESS = ValueLayout.ADDRESS;

    private static final MethodHandle SOCKET = call("socket", INT, INT, INT, INT);
    private static final MethodHandle BIND = call("bind", INT, INT, ADDRESS, INT);
    private static final MethodHandle LISTEN = call("listen", INT, INT, INT);
    private static final MethodHandle ACCEPT = call("accept", INT, INT, ADDRESS, ADDRESS);
    private static final MethodHandle CONNECT = call("connect", INT, INT, ADDRESS, INT);
    private static final MethodHandle SHUTDOWN = call("shutdown", INT, INT, INT);
    private static final MethodHandle SETSOCKOPT =
            call("setsockopt", INT, INT, INT, INT, ADDRESS, INT);
    private static final MethodHandle PIPE = call("pipe", INT, ADDRESS);
    private static final MethodHandle SPLICE =
            call("splice", LONG, INT, ADDRESS, INT, ADDRESS, LONG, INT);
    private static final MethodHandle FCNTL =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("fcntl"),
                            FunctionDescriptor.of(INT, INT, INT, INT),
                            Linker.Option.firstVariadicArg(2));

    private Native() {}

    private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    /// A listening socket on the loopback address.
    static int listen(int port) throws IOException {
        int socket = check("socket", invoke(SOCKET, AF_INET, SOCK_STREAM, 0));
        try (Arena arena = Arena.ofConfined()) {
            check("bind", invoke(BIND, socket, address(arena, port), 16));
        }
        check("listen", invoke(LISTEN, socket, BACKLOG));
        return socket;
    }

    static int accept(int listener) throws IOException {
        return noDelay(
                check("accept", invoke(ACCEPT, listener, MemorySegment.NULL, MemorySegment.NULL)));
    }

    static int connect(int port) throws IOException {
        int socket = check("socket", invoke(SOCKET, AF_INET, SOCK_STREAM, 0));
        try (Arena arena = Arena.ofConfined()) {
            check("connect", invoke(CONNECT, socket, address(arena, port), 16));
        }
        return noDelay(socket);
    }

    /// @return the pipe's reading and writing end
    static int[] pipe(int bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(INT, 2);
            check("pipe", invoke(PIPE, ends));
            int writing = ends.getAtIndex(INT, 1);
            check("fcntl", invoke(FCNTL, writing, F_SETPIPE_SZ, bytes));
            return new int[] {ends.getAtIndex(INT, 0), writing};
        }
    }

    /// @return bytes moved; 0 at the end, below 0 when one side is gone
    static long splice(int from, int to, long most) {
        try {
            return (long)
                    SPLICE.invokeExact(
                            from, MemorySegment.NULL, to, MemorySegment.NULL, most, SPLICE_F_MOVE);
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call splice", e);
        }
    }

    /// Both directions; whoever waits for the socket wakes up.
    static void shutdown(int socket) throws IOException {
        invoke(SHUTDOWN, socket, 2);
    }

    private static int noDelay(int socket) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment on = arena.allocateFrom(INT, 1);
            check("setsockopt", invoke(SETSOCKOPT, socket, IPPROTO_TCP, TCP_NODELAY, on, 4));
        }
        return socket;
    }

    /// `struct sockaddr_in`: family, port and address, the last two in network order.
    private static MemorySegment address(Arena arena, int port) {
        MemorySegment address = arena.allocate(16, 4);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
        address.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) port);
        address.set(INT.withOrder(ByteOrder.BIG_ENDIAN), 4, LOOPBACK);
        return address;
    }

    private static int invoke(MethodHandle call, Object... arguments) throws IOException {
        try {
            return (int) call.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IOException(e);
        }
    }

    private static int check(String name, int result) throws IOException {
        if (result < 0) {
            throw new IOException(name + " failed");
        }
        return result;
    }
}
