package io.firn.catalog.store.lease;

import io.firn.catalog.store.sql.Database;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/// Leases with fencing epochs; time is the database's.
public final class LeaseStore {
    private final Database database;

    public LeaseStore(Database database) {
        this.database = database;
    }

    /// Takes the lease, or prolongs it; empty while another holder has it.
    public Optional<Lease> take(String name, UUID holder, Duration atMost) {
        return database.transaction(
                sql ->
                        sql.one(
                                """
                                insert into committer_lease as l (name, holder, epoch, expires_at)
                                values (?, ?, 1, now() + ? * interval '1 millisecond')
                                on conflict (name) do update set
                                    holder = excluded.holder,
                                    expires_at = excluded.expires_at,
                                    epoch = case when l.holder = excluded.holder then l.epoch
                                                 else l.epoch + 1 end
                                where l.holder = excluded.holder or l.expires_at < now()
                                returning epoch
                                """,
                                row -> new Lease(name, holder, row.getLong(1)),
                                name,
                                holder,
                                atMost.toMillis()));
    }

    /// Prolongs a lease that nobody took over in between; never takes one. Its epoch stays.
    ///
    /// @return false when another holder has it, or had it
    public boolean prolong(Lease lease, Duration atMost) {
        return database.transaction(
                sql ->
                        sql.update(
                                        "update committer_lease set expires_at ="
                                                + " now() + ? * interval '1 millisecond'"
                                                + " where name = ? and holder = ? and epoch = ?",
                                        atMost.toMillis(),
                                        lease.name(),
                                        lease.holder(),
                                        lease.epoch())
                                == 1);
    }

    /// Gives it back, so that the next holder need not wait.
    public void release(Lease lease) {
        database.transaction(
                sql ->
                        sql.update(
                                "update committer_lease set expires_at = now() - interval '1 second'"
                                        + " where name = ? and holder = ? and epoch = ?",
                                lease.name(),
                                lease.holder(),
                                lease.epoch()));
    }
}
