package io.firn.benchmarks.client;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/// Sends prebuilt Produce requests over several connections, each with a fixed number of requests
/// in flight, so that the server and not the client is the limit.
public final class RawProducers implements AutoCloseable {
    private static final int READ_BYTES = 64 << 10;

    private final List<RawConnection> connections = new ArrayList<>();
    private final List<List<ProduceFrame>> frames;
    private final int inFlight;

    /// @param frames for each connection the requests that it sends in turn
    /// @param inFlight requests that a connection has on the way at most
    public RawProducers(String address, List<List<ProduceFrame>> frames, int inFlight)
            throws IOException {
        this.frames = frames;
        this.inFlight = inFlight;
        for (int i = 0; i < frames.size(); i++) {
            connections.add(new RawConnection(address, READ_BYTES));
        }
    }

    public Volume run(Bound bound) {
        long start = System.nanoTime();
        long deadline = start + bound.time().toNanos();
        var left = new AtomicLong(bound.payloadBytes());
        var work = new ArrayList<Callable<Volume>>();
        for (int i = 0; i < connections.size(); i++) {
            RawConnection connection = connections.get(i);
            List<ProduceFrame> own = frames.get(i);
            work.add(() -> produce(connection, own, left, deadline));
        }
        long bytes = 0;
        long records = 0;
        long requests = 0;
        for (Volume volume : Workers.run(work)) {
            bytes += volume.payloadBytes();
            records += volume.records();
            requests += volume.requests();
        }
        return new Volume(bytes, records, requests, (System.nanoTime() - start) / 1e9);
    }

    @Override
    public void close() {
        connections.forEach(RawConnection::close);
    }

    /// All connections draw on the same budget, so they end together.
    private Volume produce(
            RawConnection connection, List<ProduceFrame> own, AtomicLong left, long deadline)
            throws IOException {
        var waiting = new ArrayDeque<ProduceFrame>(inFlight);
        long bytes = 0;
        long records = 0;
        int sent = 0;
        boolean more = true;
        while (more || !waiting.isEmpty()) {
            while (more && waiting.size() < inFlight) {
                ProduceFrame frame = own.get(sent % own.size());
                if (left.getAndAdd(-frame.payloadBytes()) <= 0 || System.nanoTime() > deadline) {
                    more = false;
                } else {
                    connection.send(frame, sent++);
                    waiting.add(frame);
                }
            }
            ProduceFrame oldest = waiting.poll();
            if (oldest != null) {
                connection.acknowledged();
                bytes += oldest.payloadBytes();
                records += oldest.records();
            }
        }
        return new Volume(bytes, records, sent, 0);
    }
}
