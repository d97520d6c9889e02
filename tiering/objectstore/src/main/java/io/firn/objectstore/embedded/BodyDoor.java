package io.firn.objectstore.embedded;

import org.gaul.shaded.org.eclipse.jetty.http.HttpFields;
import org.gaul.shaded.org.eclipse.jetty.http.HttpHeader;
import org.gaul.shaded.org.eclipse.jetty.io.Content;
import org.gaul.shaded.org.eclipse.jetty.server.Handler;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.Response;
import org.gaul.shaded.org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// Decides about a body before any of it is read (G7). S3Proxy holds most bodies whole before it
/// looks at the signature, so it takes none from who does not name the key that writes: anybody
/// gets the key that reads from the catalog, and the id of the other is given to nobody. Of the
/// writers' only so many come in at once: of those that are held whole, and of those that pass
/// through in signed parts, as Firn's own do, so that neither keeps the other out.
final class BodyDoor extends Handler.Wrapper {
    private static final Logger LOG = LoggerFactory.getLogger(BodyDoor.class);
    private static final String TEXT =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>%s</Code><Message>%s</Message></Error>
            """;

    /// What a PUT of an object's bytes may have in its address, and what asks for something else.
    private static final Set<String> OF_AN_OBJECT = Set.of("partNumber", "uploadId", "x-id");

    private final String writer;
    private final long mostBytes;
    private final long mostPartBytes;
    private final AtomicLong wholeBytes = new AtomicLong();
    private final AtomicLong partBytes = new AtomicLong();

    /// @param mostBytes that bodies of either kind take together
    /// @param mostPartBytes of a body that passes through in parts, one of which is held at a time
    BodyDoor(String writerKey, long mostBytes, long mostPartBytes) {
        this.writer = writerKey;
        this.mostBytes = mostBytes;
        this.mostPartBytes = Math.min(mostPartBytes, mostBytes);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        HttpFields headers = request.getHeaders();
        if (!hasBody(headers)) {
            return super.handle(request, response, callback);
        }
        if (!namesWriter(request)) {
            return refuse(response, callback, 403, "AccessDenied", "Only Firn itself writes here");
        }
        boolean inParts = isInParts(request);
        AtomicLong held = inParts ? partBytes : wholeBytes;
        long bytes = Math.min(announced(headers), inParts ? mostPartBytes : mostBytes);
        if (held.addAndGet(bytes) > mostBytes) {
            held.addAndGet(-bytes);
            LOG.debug("Refusing a body of {} bytes: others hold {}", bytes, held);
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
            return refuse(
                    response,
                    callback,
                    503,
                    "SlowDown",
                    "Other uploads hold the memory that there is for them; try again");
        }
        Request.addCompletionListener(request, failure -> held.addAndGet(-bytes));
        return super.handle(request, response, callback);
    }

    private static boolean refuse(
            Response response, Callback callback, int status, String code, String message) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/xml");
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        Content.Sink.write(response, true, TEXT.formatted(code, message), callback);
        return true;
    }

    private static boolean hasBody(HttpFields headers) {
        return headers.getLongField(HttpHeader.CONTENT_LENGTH) > 0
                || headers.contains(HttpHeader.TRANSFER_ENCODING);
    }

    private static long announced(HttpFields headers) {
        long length = headers.getLongField(HttpHeader.CONTENT_LENGTH);
        return length < 0 ? Long.MAX_VALUE : length;
    }

    /// Whether S3Proxy passes the body on as it comes: its signature covers it in parts or not at
    /// all, and its length is known.
    private static boolean isInParts(Request request) {
        HttpFields headers = request.getHeaders();
        String digest = headers.get("x-amz-content-sha256");
        return request.getMethod().equals("PUT")
                && digest != null
                && (digest.startsWith("STREAMING-") || digest.equals("UNSIGNED-PAYLOAD"))
                && (headers.contains(HttpHeader.CONTENT_LENGTH)
                        || headers.contains("x-amz-decoded-content-length"))
                && OF_AN_OBJECT.containsAll(Request.extractQueryParameters(request).getNames());
    }

    private boolean namesWriter(Request request) {
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        String query = request.getHttpURI().getQuery(); // of a presigned address
        return header != null && header.contains(writer) || query != null && query.contains(writer);
    }
}
