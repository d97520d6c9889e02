package io.firn.log;

/// How far a batch is looked into before it gets its offsets (`firn.produce.check`).
public enum ProduceCheck {
    /// Compressed batches are unpacked too, as Kafka does: a batch that lies inside is refused.
    RECORDS,
    /// A compressed batch whose CRC and header hold is trusted; for producers that are trusted.
    BATCH
}
