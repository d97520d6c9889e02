package io.firn.benchmarks.loads;

import static io.firn.benchmarks.servers.Subject.DIRECT;
import static io.firn.benchmarks.servers.Subject.DIRECT_BATCH;
import static io.firn.benchmarks.servers.Subject.DIRECT_REPLICATED;
import static io.firn.benchmarks.servers.Subject.FORWARDER;
import static io.firn.benchmarks.servers.Subject.GATEWAY;
import static io.firn.benchmarks.servers.Subject.KAFKA;
import static io.firn.benchmarks.servers.Subject.KAFKA_AGAIN;
import static io.firn.benchmarks.servers.Subject.MINIMAL;
import static io.firn.benchmarks.servers.Subject.RING;
import static io.firn.benchmarks.servers.Subject.SPLICE_FORWARDER;
import static io.firn.benchmarks.servers.Subject.STANDALONE;
import static io.firn.benchmarks.servers.Subject.STANDALONE_REPLICATED;
import static io.firn.benchmarks.servers.Subject.STANDALONE_TABLES;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Codec;
import io.firn.benchmarks.servers.Subject;

import java.util.List;

/// The loads of a run, in their order.
public final class Loads {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    private Loads() {}

    public static List<Load> all() {
        return List.of(
                produce(
                        "produce-1k",
                        "1 KiB records, 16 KiB batches, 16 partitions, 4 connections × 5 requests in flight",
                        batch(KIB, Codec.NONE),
                        KAFKA,
                        KAFKA_AGAIN,
                        DIRECT,
                        DIRECT_REPLICATED,
                        STANDALONE,
                        STANDALONE_REPLICATED,
                        GATEWAY,
                        FORWARDER,
                        SPLICE_FORWARDER,
                        MINIMAL,
                        RING),
                produce(
                        "produce-1k-lz4",
                        "the same in lz4",
                        batch(KIB, Codec.LZ4),
                        KAFKA,
                        DIRECT,
                        DIRECT_BATCH,
                        GATEWAY),
                produce(
                        "produce-1k-zstd",
                        "the same in zstd",
                        batch(KIB, Codec.ZSTD),
                        KAFKA,
                        DIRECT,
                        DIRECT_BATCH,
                        GATEWAY),
                produce(
                        "produce-100b",
                        "100 B records, else as the first",
                        batch(100, Codec.NONE),
                        KAFKA,
                        DIRECT,
                        GATEWAY),
                new RawProduce(
                        "produce-1-partition",
                        "1 KiB records, one partition, 4 connections × 5 in flight",
                        List.of(KAFKA, DIRECT),
                        batch(KIB, Codec.NONE),
                        1,
                        4,
                        5,
                        1),
                new RawProduce(
                        "produce-1000-partitions",
                        "1 KiB records, 1,000 partitions at full speed, 4 connections × 5 in flight",
                        List.of(KAFKA, DIRECT),
                        batch(KIB, Codec.NONE),
                        1000,
                        4,
                        5,
                        4),
                connections(50, 2),
                connections(500, 1),
                new StockProduce(
                        "produce-stock",
                        "Kafka's own producer (linger 5 ms, 64 KiB batches), 1 KiB records, 16 partitions",
                        List.of(KAFKA, DIRECT, STANDALONE, GATEWAY),
                        batch(KIB, Codec.NONE),
                        16),
                new PacedProduce(
                        "small",
                        "one 1 KiB record a request, 8,000 requests a second, 4 partitions, 4 connections",
                        List.of(KAFKA, KAFKA_AGAIN, DIRECT, DIRECT_REPLICATED, STANDALONE, GATEWAY),
                        new BatchShape(KIB, 1, Codec.NONE),
                        4,
                        4,
                        1,
                        8000),
                new PacedProduce(
                        "trickle-1000",
                        "100 B records to 1,000 partitions: 200 requests a second, each with one record for 25 of them",
                        List.of(KAFKA, DIRECT, STANDALONE, STANDALONE_TABLES),
                        new BatchShape(100, 1, Codec.NONE),
                        1000,
                        4,
                        25,
                        200),
                new FirstUse(
                        "first-use-1000",
                        "1,000 new partitions get their first record while 4 connections produce 2,000 requests a second of 1 KiB elsewhere",
                        List.of(KAFKA, DIRECT, STANDALONE, STANDALONE_TABLES),
                        1000),
                new StockLatency(
                        "latency-stock",
                        "Kafka's own producer, linger 0, 1 KiB records at 10,000 a second, 4 partitions",
                        List.of(KAFKA, KAFKA_AGAIN, DIRECT, DIRECT_REPLICATED, STANDALONE, GATEWAY),
                        new BatchShape(KIB, 1, Codec.NONE),
                        4,
                        10_000),
                new Fetch(
                        "fetch-1k",
                        "1 KiB records, 16 KiB batches, 16 partitions, 4 connections, 1 MiB a partition",
                        List.of(
                                KAFKA,
                                KAFKA_AGAIN,
                                DIRECT,
                                STANDALONE,
                                GATEWAY,
                                FORWARDER,
                                SPLICE_FORWARDER),
                        batch(KIB, Codec.NONE),
                        16,
                        4,
                        8 * MIB),
                new Fetch(
                        "fetch-16m",
                        "1 KiB records, 16 partitions, 1 connection, answers of 16 MiB: 1 MiB a partition",
                        List.of(KAFKA, DIRECT, STANDALONE, STANDALONE_TABLES, GATEWAY),
                        batch(KIB, Codec.NONE),
                        16,
                        1,
                        17 * MIB),
                new Fetch(
                        "fetch-1k-lz4",
                        "the same in lz4",
                        List.of(KAFKA, DIRECT, GATEWAY),
                        batch(KIB, Codec.LZ4),
                        16,
                        4,
                        8 * MIB),
                new Fetch(
                        "fetch-stock",
                        "Kafka's own consumer, 1 KiB records, 16 partitions",
                        List.of(KAFKA, DIRECT, STANDALONE, GATEWAY),
                        batch(KIB, Codec.NONE),
                        16,
                        0,
                        0),
                new Tiering(
                        "tiering",
                        "4 partitions, 1 KiB lz4 records without schema, to the table and back; embedded object store included",
                        List.of(STANDALONE),
                        batch(KIB, Codec.LZ4)),
                new Idle("idle", "no clients, after all of the above", List.of(KAFKA, STANDALONE)),
                new StartUp(
                        "start-up",
                        "from the start of the process to the first acknowledged record",
                        List.of(KAFKA, STANDALONE)));
    }

    /// @throws BenchException if there is none of that name
    public static Load named(String name) {
        return all().stream()
                .filter(load -> load.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new BenchException(
                                        "There is no load %s; ./firn bench --list shows all"
                                                .formatted(name)));
    }

    private static RawProduce produce(
            String name, String title, BatchShape shape, Subject... subjects) {
        return new RawProduce(name, title, List.of(subjects), shape, 16, 4, 5, 4);
    }

    private static RawProduce connections(int count, int inFlight) {
        return new RawProduce(
                "produce-%d-connections".formatted(count),
                "1 KiB records, 16 partitions, %d connections × %d in flight, a batch a request"
                        .formatted(count, inFlight),
                List.of(KAFKA, DIRECT, STANDALONE),
                batch(KIB, Codec.NONE),
                16,
                count,
                inFlight,
                1);
    }

    /// A batch of 16 KiB.
    private static BatchShape batch(int recordBytes, Codec codec) {
        return new BatchShape(recordBytes, 16 * KIB / recordBytes, codec);
    }
}
