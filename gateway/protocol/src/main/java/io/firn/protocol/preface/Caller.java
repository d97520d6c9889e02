package io.firn.protocol.preface;

/// Who sent a request; inside the cluster it travels in the [Preface] (G6).
///
/// @param tenant key of the tenant, without a dot
/// @param principal for example `User:alice`, or `User:ANONYMOUS`
/// @param clientHost address of the client, not of the gateway
/// @param listener name of the listener that the client connected to
public record Caller(String tenant, String principal, String clientHost, String listener) {
    public Caller {
        if (tenant.isEmpty() || tenant.indexOf('.') >= 0) {
            throw new IllegalArgumentException(
                    "Tenant key '%s' must not be empty and must not hold a dot".formatted(tenant));
        }
    }

    /// The same caller seen at another address.
    public Caller at(String host) {
        return new Caller(tenant, principal, host, listener);
    }
}
