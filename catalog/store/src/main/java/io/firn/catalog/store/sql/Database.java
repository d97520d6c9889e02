package io.firn.catalog.store.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

import javax.sql.DataSource;

/// The connection pool, and the one place where SQL errors become the catalog's.
public final class Database implements AutoCloseable {
    /// SQL work in one transaction; runs on the caller's (virtual) thread.
    public interface Work<T> {
        T run(Sql sql) throws SQLException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    /// Serialization failure, a constraint checked at commit, deadlock.
    private static final Set<String> ROLLED_BACK = Set.of("40001", "40002", "40P01");

    private final DataSource pool;

    public Database(DataSource pool) {
        this.pool = pool;
    }

    /// Opens the pool and brings the schema up to date. Fails with [BackendUnavailableException]
    /// when Postgres does not answer.
    public static Database open(StoreConfig config) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName("firn-catalog");
        hikari.setJdbcUrl(config.jdbcUrl());
        hikari.setUsername(config.user());
        hikari.setPassword(config.password());
        hikari.setMaximumPoolSize(config.maxConnections());
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout(config.connectTimeout().toMillis());
        hikari.setInitializationFailTimeout(config.connectTimeout().toMillis());
        hikari.setAutoCommit(false);
        hikari.addDataSourceProperty("socketTimeout", "30");
        hikari.addDataSourceProperty("tcpKeepAlive", "true");
        // A session of ours never hangs on a lock, nor keeps one while it does nothing.
        hikari.addDataSourceProperty(
                "options", "-c lock_timeout=10s -c idle_in_transaction_session_timeout=30s");
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(hikari);
        } catch (RuntimeException e) {
            throw new BackendUnavailableException(
                    "Cannot open the catalog's Postgres at %s: %s; start it or correct the address"
                            .formatted(config.jdbcUrl(), e.getMessage()),
                    e);
        }
        try {
            Flyway.configure()
                    .dataSource(pool)
                    .locations("classpath:io/firn/catalog/store/migration")
                    .loggers("slf4j")
                    .load()
                    .migrate();
        } catch (RuntimeException e) {
            pool.close();
            throw new BackendUnavailableException(
                    "Cannot bring the catalog's schema at %s up to date: %s"
                            .formatted(config.jdbcUrl(), e.getMessage()),
                    e);
        }
        return new Database(pool);
    }

    /// Runs `work` in one transaction. An error before the commit was sent means that nothing
    /// happened; an error of the commit itself is an [UnknownStoreOutcomeException] (C3).
    public <T> T transaction(Work<T> work) {
        Connection connection;
        try {
            connection = pool.getConnection();
        } catch (SQLException e) {
            throw new BackendUnavailableException("The catalog's Postgres gives no connection", e);
        }
        try {
            T result;
            try {
                result = work.run(new Sql(connection));
            } catch (SQLException e) {
                rollback(connection, e);
                throw translate(e);
            } catch (RuntimeException | Error e) {
                rollback(connection, e);
                throw e;
            }
            try {
                connection.commit();
            } catch (SQLException e) {
                if (isDefiniteRefusal(e)) {
                    throw translate(e);
                }
                throw new UnknownStoreOutcomeException(
                        "Postgres did not say whether it committed (SQL state %s): read back what it has"
                                .formatted(e.getSQLState()),
                        e);
            }
            return result;
        } finally {
            giveBack(connection);
        }
    }

    /// The outcome stands whatever happens here: a committed transaction must not be reported as
    /// one that changed nothing.
    private static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.warn("Cannot return a connection to the pool: {}", e.getMessage());
        }
    }

    private static void rollback(Connection connection, Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /// C3: only where Postgres itself says that it rolled back. 40003 (completion unknown), class
    /// 08 (connection), class 57 (shut down) and whatever we do not know leave us in doubt.
    private static boolean isDefiniteRefusal(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("23") || ROLLED_BACK.contains(state));
    }

    private static RuntimeException translate(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.startsWith("23")) { // integrity constraint, 23P01 exclusion among them
            return new StoreConflictException(String.valueOf(e.getMessage()), e);
        }
        return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
            case "08", "57", "53", "40", "55", "" ->
                    new BackendUnavailableException(
                            "The catalog's Postgres is away or busy: " + e.getMessage(), e);
            // What was given is no value of its type: a text with the character 0, for example.
            case "22" -> new IllegalArgumentException("Invalid value: " + e.getMessage(), e);
            default -> new IllegalStateException("SQL state " + state + ": " + e.getMessage(), e);
        };
    }

    /// True when Postgres answers now.
    public boolean answers() {
        try (Connection connection = pool.getConnection()) {
            return connection.isValid(2);
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() {
        if (pool instanceof HikariDataSource hikari) {
            hikari.close();
        }
    }
}
