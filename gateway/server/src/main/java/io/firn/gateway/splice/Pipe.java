package io.firn.gateway.splice;

import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;

import java.io.IOException;

/// A pipe of the kernel, through which bytes go from one socket to another by `splice(2)` without
/// entering this process. Used by one event loop at a time, and filled only when it is empty, so
/// that a full pipe is never mistaken for an empty socket. Neither call waits.
final class Pipe {
    private static final int NO_POSITION = -1;

    private final FileDescriptor reading;
    private final FileDescriptor writing;
    private int bytes;

    private Pipe(FileDescriptor reading, FileDescriptor writing) {
        this.reading = reading;
        this.writing = writing;
    }

    /// @throws IOException for example if the process may open no more files
    static Pipe open() throws IOException {
        FileDescriptor[] ends = FileDescriptor.pipe();
        PipeSize.enlarge(ends[1].intValue());
        return new Pipe(ends[0], ends[1]);
    }

    /// @param socket the descriptor of the socket to read
    /// @return bytes that are now in the pipe, at most `most`; 0 if the socket has none for now or
    ///     its peer has closed it
    int fill(int socket, long most) throws IOException {
        bytes = Native.splice(socket, NO_POSITION, writing.intValue(), NO_POSITION, most);
        return bytes;
    }

    /// @param socket the descriptor of the socket to write
    /// @return bytes that went into the socket; 0 if it takes none for now
    int drain(int socket) throws IOException {
        int moved = Native.splice(reading.intValue(), NO_POSITION, socket, NO_POSITION, bytes);
        bytes -= moved;
        return moved;
    }

    /// Bytes that wait in it.
    int bytes() {
        return bytes;
    }

    void close() throws IOException {
        reading.close();
        writing.close();
    }
}
