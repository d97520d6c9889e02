package io.firn.protocol;

/// When a server parses the bodies of requests.
public enum Bodies {
    /// Before the handler sees the request; what cannot be parsed closes the connection.
    PARSED,
    /// When the handler asks, for handlers that pass most requests on as they are.
    ON_DEMAND
}
