package io.firn.gateway;

import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/// One client connection that sends requests of any version and reads what comes back.
final class RawConnection implements AutoCloseable {
    private static final int PATIENCE_MS = 10_000;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private int correlation;

    RawConnection(int port) throws IOException {
        this.socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE_MS);
        this.out = socket.getOutputStream();
        this.in = new DataInputStream(socket.getInputStream());
    }

    RequestHeader send(AbstractRequest request) throws IOException {
        RequestHeader header =
                new RequestHeader(request.apiKey(), request.version(), "raw", ++correlation);
        ByteBuffer body = request.serializeWithHeader(header);
        out.write(ByteBuffer.allocate(4).putInt(body.remaining()).array());
        out.write(body.array(), body.arrayOffset() + body.position(), body.remaining());
        return header;
    }

    @SuppressWarnings("unchecked")
    <T extends AbstractResponse> T receive(RequestHeader header) throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return (T) AbstractResponse.parseResponse(ByteBuffer.wrap(frame), header);
    }

    <T extends AbstractResponse> T ask(AbstractRequest request) throws IOException {
        return receive(send(request));
    }

    /// Whether nothing comes for so long; what comes is lost.
    boolean isSilentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            in.read();
            return false;
        } catch (SocketTimeoutException silent) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MS);
        }
    }

    boolean isClosedByPeer() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
