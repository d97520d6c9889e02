package io.firn.catalog.store.lease;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// Holds a lease for as long as its process lives. The lease is short, so that a successor of a
/// killed process waits for seconds only, and a thread of its own prolongs it, so that slow work
/// does not lose it. What a late holder must not do any more is stopped by the epoch, which each
/// takeover raises, never by the clock.
public final class LeaseKeeper implements AutoCloseable {
    /// How long a stop waits for the database. A lease that is not given back runs out soon.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);

    /// Who works longer between two looks at the lease hangs; a standby should have its turn.
    private static final Duration LONGEST_WORK = Duration.ofMinutes(10);

    /// Prolonged four times in this long.
    public static final Duration COMMITTER = Duration.ofSeconds(4);

    private final Supplier<LeaseStore> leases;
    private final String name;
    private final Duration atMost;
    private final UUID holder = UUID.randomUUID();
    private volatile @Nullable Lease held;
    private volatile long takenNanos;
    private volatile @Nullable Thread thread;

    public LeaseKeeper(Supplier<LeaseStore> leases, String name, Duration atMost) {
        this.leases = leases;
        this.name = name;
        this.atMost = atMost;
    }

    /// Begins to prolong what [#take] gets.
    public void start() {
        thread = Thread.ofVirtual().name("lease-" + name).start(this::run);
    }

    /// The lease, taken or prolonged now; empty while another holder has it.
    public Optional<Lease> take() {
        Optional<Lease> taken = leases.get().take(name, holder, atMost);
        takenNanos = System.nanoTime();
        held = taken.orElse(null);
        return taken;
    }

    /// Gives the lease back and goes on: the next [#take] is a candidate's.
    public void giveBack() {
        Lease lease = held;
        held = null; // first: from here on nobody prolongs it, whatever else happens
        if (lease != null) {
            release(lease);
        }
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(atMost.dividedBy(4));
                Lease lease = held;
                if (lease != null && System.nanoTime() - takenNanos < LONGEST_WORK.toNanos()) {
                    leases.get().prolong(lease, atMost);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.debug("Lease {} was not prolonged; the next try follows", name, e);
            }
        }
    }

    /// Ends the prolonging without giving the lease back, as a killed process does.
    public void stop() {
        Thread running = thread;
        if (running == null) {
            return;
        }
        running.interrupt();
        try {
            running.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Gives the lease back, so that the next holder need not wait. Call it when nothing that was
    /// begun under the lease runs any more.
    @Override
    public void close() {
        stop();
        giveBack();
    }

    private void release(Lease lease) {
        Thread release =
                Thread.ofVirtual()
                        .name("lease-release-" + name)
                        .start(
                                () -> {
                                    try {
                                        leases.get().release(lease);
                                    } catch (RuntimeException e) {
                                        LOG.debug("Lease {} runs out by itself", name, e);
                                    }
                                });
        try {
            release.join(PATIENCE); // a database that is away does not keep a stop waiting
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
