package io.firn.protocol.preface;

/// A connection to a cluster port did not begin with a valid [Preface].
public final class PrefaceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PrefaceException(String message) {
        super(message);
    }
}
