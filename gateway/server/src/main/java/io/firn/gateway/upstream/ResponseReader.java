package io.firn.gateway.upstream;

import io.firn.gateway.splice.Pipes;
import io.firn.gateway.splice.Splice;
import io.firn.protocol.connection.ClientChannel;
import io.firn.protocol.connection.StreamedAnswer;
import io.firn.protocol.frame.SocketReads;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.ByteToMessageDecoder;

import org.apache.kafka.common.requests.AbstractResponse;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/// Passes a broker's responses to whoever waits for them, in order. Of a client's response only
/// size and correlation id are looked at; its bytes go on as they come, and wait while it is not
/// their turn or the client does not read. The most of a large response never comes into this
/// process (see [Splice]).
final class ResponseReader implements SocketReads.Target {
    private static final int HEAD_BYTES = 8;
    private static final int SIZE_BYTES = 4;

    /// Less of a response is copied, which costs less than the calls that avoid it.
    private static final int WORTH_SPLICING_BYTES = 32 * 1024;

    /// After a part has been moved the socket is empty, or the client does not take more.
    private static final int LITTLE_BYTES = 1024;

    /// What is moved before the loop looks after its other connections. A broker that writes while
    /// we read never lets the socket run empty, so a large response would be moved in one go.
    private static final int TURN_BYTES = 256 * 1024;

    private static final int MAX_CALL_BYTES = 16 * 1024 * 1024;

    private final ClientChannel client;
    private final Consumer<String> protocolError;
    private final Consumer<Exchange> answered;
    private final Queue<Exchange> expected = new ArrayDeque<>();
    private @Nullable ByteBuf held;
    private @Nullable StreamedAnswer streaming;
    private @Nullable Splice splice;
    private long left;
    private boolean passing;
    private boolean turnOver;
    private boolean blocked;
    private boolean closed;
    private Consumer<Boolean> onBlocked = b -> {};

    /// @param protocolError called with what the broker sent that is no response
    /// @param answered called when all of an answer has been passed on
    ResponseReader(
            ClientChannel client, Consumer<String> protocolError, Consumer<Exchange> answered) {
        this.client = client;
        this.protocolError = protocolError;
        this.answered = answered;
    }

    /// Called when reading from the broker has to stop (`true`) or may go on.
    void onBlocked(Consumer<Boolean> action) {
        this.onBlocked = action;
    }

    /// From now on large responses go from socket to socket, where that is possible.
    ///
    /// @param broker the descriptor of the socket that [#read] gets its bytes from
    void spliceFrom(int broker, Pipes pipes) {
        client.plainSocket()
                .ifPresent(socket -> splice = new Splice(pipes, broker, socket, this::partGone));
    }

    void expect(Exchange exchange) {
        expected.add(exchange);
    }

    /// Requests that wait for an answer; their number bounds what a broken connection loses.
    Queue<Exchange> expected() {
        return expected;
    }

    /// Takes ownership of `bytes`.
    void read(ByteBufAllocator alloc, ByteBuf bytes) {
        if (closed) {
            bytes.release();
            return;
        }
        held =
                held == null
                        ? bytes
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, held, bytes);
        pass();
    }

    /// Before Netty reads the broker's socket, bytes are moved by `splice(2)`. What it then finds
    /// is the rest: nothing, the end, or bytes that are worth a copy.
    @Override
    public @Nullable ByteBuf next(ByteBufAllocator alloc) {
        return spliced() ? alloc.directBuffer(LITTLE_BYTES) : null;
    }

    @Override
    public boolean turnOver() {
        return turnOver;
    }

    /// Moves what has come of a large response on to the client, a turn's worth at most, and stops
    /// reading while the client does not take it.
    ///
    /// @return whether no more than a few bytes are to be read: the broker's socket has just been
    ///     emptied, the turn is over, or the client takes no more
    /// @throws UncheckedIOException if the broker's socket is broken
    private boolean spliced() {
        turnOver = false;
        if (splice == null || passing) {
            return false;
        }
        passing = true;
        long moved = 0;
        try {
            StreamedAnswer answer = streaming;
            FileRegion part = nextPart(splice, TURN_BYTES);
            while (answer != null && part != null) {
                moved += part.count();
                answer.write(part, taken(part.count()));
                answer = streaming;
                part = nextPart(splice, TURN_BYTES - moved);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read from the broker: " + e.getMessage(), e);
        } finally {
            passing = false;
        }
        if (moved == 0) {
            return false;
        }
        turnOver = moved >= TURN_BYTES;
        block(!splice.isFree());
        return blocked || left >= WORTH_SPLICING_BYTES;
    }

    private @Nullable FileRegion nextPart(Splice from, long most) throws IOException {
        boolean worth =
                most > 0
                        && streaming != null
                        && held == null
                        && !closed
                        && left >= WORTH_SPLICING_BYTES
                        && from.isFree()
                        && streaming.isTurn()
                        && client.isWritable();
        return worth ? from.next(Math.min(left, most)) : null;
    }

    /// The client has taken a part, or its connection is closed.
    private void partGone() {
        if (!passing && !closed) {
            client.eventLoop().execute(this::pass);
        }
    }

    /// Goes on after the client can take more, or when it is the next response's turn.
    void pass() {
        if (passing || closed) {
            return;
        }
        passing = true;
        boolean stuck = false;
        try {
            while (held != null && held.isReadable() && !closed) {
                if (streaming != null ? !passPart(held, streaming) : !begin(held)) {
                    stuck = streaming != null;
                    break;
                }
            }
            if (held != null && !held.isReadable()) {
                held.release();
                held = null;
            }
        } finally {
            passing = false;
        }
        block(stuck || (splice != null && !splice.isFree()));
    }

    void close() {
        closed = true;
        if (held != null) {
            held.release();
            held = null;
        }
    }

    /// @return false if more bytes are needed first
    private boolean begin(ByteBuf bytes) {
        if (bytes.readableBytes() < HEAD_BYTES) {
            return false;
        }
        int start = bytes.readerIndex();
        int size = bytes.getInt(start);
        int correlationId = bytes.getInt(start + SIZE_BYTES);
        Exchange next = expected.peek();
        if (next == null || next.correlationId() != correlationId || size < SIZE_BYTES) {
            fail(
                    "a response of %d bytes with correlation id %d, expected %s"
                            .formatted(
                                    size,
                                    correlationId,
                                    next == null ? "none" : next.correlationId()));
            return false;
        }
        return switch (next) {
            case Exchange.PassThrough passThrough -> {
                left = SIZE_BYTES + (long) size;
                passThrough.begins();
                streaming = passThrough.stream(this::pass);
                yield true;
            }
            case Exchange.Call call -> collect(bytes, size, call);
        };
    }

    /// @return false if the bytes have to wait
    private boolean passPart(ByteBuf bytes, StreamedAnswer answer) {
        if (!answer.isTurn() || !client.isWritable()) {
            return false;
        }
        int count = (int) Math.min(left, bytes.readableBytes());
        ByteBuf part = bytes.readRetainedSlice(count);
        answer.write(part, taken(count));
        return true;
    }

    /// @return whether these were the last bytes of the response
    private boolean taken(long bytes) {
        left -= bytes;
        boolean last = left == 0;
        if (last) {
            streaming = null;
            ended(expected.remove());
        }
        return last;
    }

    private void ended(Exchange exchange) {
        exchange.answered();
        answered.accept(exchange);
    }

    private boolean collect(ByteBuf bytes, int size, Exchange.Call call) {
        if (size > MAX_CALL_BYTES) {
            fail("a response of %d bytes to %s".formatted(size, call.header()));
            return false;
        }
        if (bytes.readableBytes() < SIZE_BYTES + size) {
            return false;
        }
        byte[] body = new byte[size];
        bytes.skipBytes(SIZE_BYTES).readBytes(body);
        call.begins();
        ended(expected.remove());
        try {
            call.answer()
                    .complete(AbstractResponse.parseResponse(ByteBuffer.wrap(body), call.header()));
        } catch (RuntimeException e) {
            call.answer().completeExceptionally(e);
        }
        return true;
    }

    private void fail(String what) {
        close();
        protocolError.accept(what);
    }

    private void block(boolean now) {
        if (blocked != now) {
            blocked = now;
            onBlocked.accept(now);
        }
    }
}
