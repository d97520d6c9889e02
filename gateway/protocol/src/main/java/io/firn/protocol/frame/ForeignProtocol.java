package io.firn.protocol.frame;

/// Says what the first four bytes look like when they are no frame size.
public final class ForeignProtocol {
    private ForeignProtocol() {}

    public static String guess(int firstFourBytes) {
        if (firstFourBytes >>> 24 == 0x16) {
            return "That looks like TLS; this listener speaks plain Kafka.";
        }
        return switch (firstFourBytes) {
            case 0x47455420, 0x504f5354, 0x48454144, 0x50555420, 0x4f505449 ->
                    "That looks like HTTP; this port speaks the Kafka protocol.";
            case 0x5353482d -> "That looks like SSH; this port speaks the Kafka protocol.";
            default -> "The peer does not speak the Kafka protocol, or its request is too large.";
        };
    }
}
