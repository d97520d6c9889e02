package io.firn.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.UnknownStoreOutcomeException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

class CommitOutcomeTest {
    @ParameterizedTest
    @ValueSource(strings = {"40003", "08000", "08003", "08006", "08007", "57P01", "XX000", ""})
    void aCommitThatPostgresDidNotRefuseHasAnUnknownOutcome(String state) { // C3
        Database database = database("commit", new SQLException("lost", state));
        assertThatThrownBy(() -> database.transaction(sql -> 1))
                .isInstanceOf(UnknownStoreOutcomeException.class)
                .hasMessageContaining("read back");
    }

    @Test
    void aCommitThatFailsWithoutAStateHasAnUnknownOutcome() { // C3
        Database database = database("commit", new SQLException("lost"));
        assertThatThrownBy(() -> database.transaction(sql -> 1))
                .isInstanceOf(UnknownStoreOutcomeException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "23505, StoreConflictException",
        "23P01, StoreConflictException",
        "40001, BackendUnavailableException",
        "40002, BackendUnavailableException",
        "40P01, BackendUnavailableException"
    })
    void aCommitThatPostgresRolledBackIsARefusal(String state, String type) {
        Database database = database("commit", new SQLException("no", state));
        assertThatThrownBy(() -> database.transaction(sql -> 1))
                .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(type));
    }

    @ParameterizedTest
    @ValueSource(strings = {"40003", "08006"})
    void aLossBeforeTheCommitWasSentChangedNothing(String state) {
        Database database = database("", new SQLException());
        assertThatThrownBy(
                        () ->
                                database.transaction(
                                        sql -> {
                                            throw new SQLException("lost", state);
                                        }))
                .isInstanceOf(BackendUnavailableException.class);
    }

    @Test
    void aCommitStandsWhenItsConnectionCannotBeGivenBack() { // C3
        Database database = database("close", new SQLException("broken", "08006"));
        assertThat(database.<Integer>transaction(sql -> 7)).isEqualTo(7);
    }

    private static Database database(String failing, SQLException failure) {
        Connection connection =
                proxy(
                        Connection.class,
                        method -> {
                            if (method.equals(failing)) {
                                throw failure;
                            }
                            return null;
                        });
        return new Database(proxy(DataSource.class, method -> connection));
    }

    private interface Answer {
        Object to(String method) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> answer.to(method.getName())));
    }
}
