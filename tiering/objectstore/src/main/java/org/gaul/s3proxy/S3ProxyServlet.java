package org.gaul.s3proxy;

import jakarta.servlet.http.HttpServlet;

import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.shaded.org.eclipse.jetty.server.Request;

/// What Firn needs from inside this package: S3Proxy's servlet, for a server of Firn's own. The
/// class `S3Proxy` brings its server along and does not show it, so nothing could be put before it;
/// its servlet's constructor is package-private.
public final class S3ProxyServlet {
    private static final long MOST_OBJECT_BYTES = 5L << 30; // of a single PUT, as S3
    private static final int MOST_SKEW_SECONDS = 15 * 60;

    private S3ProxyServlet() {}

    /// Requests in S3's protocol, signed by a key that `grants` knows.
    ///
    /// @param unsigned what requests see that nobody signed
    /// @param identity any key: S3Proxy asks for one, and `grants` is asked instead
    /// @param mostHeldBytes how large a body may be that is held whole until its signature is right
    /// @param mostPartBytes how large the parts may be that are signed one by one
    public static HttpServlet over(
            BlobStore unsigned,
            BlobStoreLocator grants,
            String identity,
            String secret,
            long mostHeldBytes,
            int mostPartBytes) {
        S3ProxyHandlerJetty servlet =
                new S3ProxyHandlerJetty(
                        unsigned,
                        AuthenticationType.AWS_V2_OR_V4,
                        identity,
                        secret,
                        null,
                        MOST_OBJECT_BYTES,
                        mostHeldBytes,
                        mostPartBytes,
                        true,
                        null,
                        null,
                        MOST_SKEW_SECONDS,
                        null);
        servlet.getHandler().setBlobStoreLocator(grants);
        return servlet;
    }

    /// Says in S3's words what the server itself refuses.
    public static Request.Handler errors() {
        return new S3ErrorHandler();
    }
}
