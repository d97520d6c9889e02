package io.firn.objectstore.embedded;

import org.gaul.shaded.org.eclipse.jetty.http.HttpFields;
import org.gaul.shaded.org.eclipse.jetty.http.HttpHeader;
import org.gaul.shaded.org.eclipse.jetty.io.Content;
import org.gaul.shaded.org.eclipse.jetty.server.Handler;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.Response;
import org.gaul.shaded.org.eclipse.jetty.util.Callback;

/// Takes no body from who does not name the key that writes. S3Proxy holds a body of up to 128 MiB
/// before it looks at the signature, and anybody gets the key that reads from the catalog; the id
/// of the other is given to nobody (G7).
final class BodyDoor extends Handler.Wrapper {
    private static final String DENIED =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>AccessDenied</Code><Message>Only Firn itself writes here</Message></Error>
            """;

    private final String writer;

    BodyDoor(String writerKey) {
        this.writer = writerKey;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!hasBody(request.getHeaders()) || namesWriter(request)) {
            return super.handle(request, response, callback);
        }
        response.setStatus(403);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/xml");
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        Content.Sink.write(response, true, DENIED, callback);
        return true;
    }

    private static boolean hasBody(HttpFields headers) {
        return headers.getLongField(HttpHeader.CONTENT_LENGTH) > 0
                || headers.contains(HttpHeader.TRANSFER_ENCODING);
    }

    private boolean namesWriter(Request request) {
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        String query = request.getHttpURI().getQuery(); // of a presigned address
        return header != null && header.contains(writer) || query != null && query.contains(writer);
    }
}
