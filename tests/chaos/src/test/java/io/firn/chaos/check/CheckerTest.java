package io.firn.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.chaos.check.Finding.Kind;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The checker finds what is planted, and nothing else (RULES §7).
class CheckerTest {
    private final History history = new History(1);

    /// Ten acknowledged sends of client 1 at offsets 0 to 9.
    CheckerTest() {
        for (int i = 0; i < 10; i++) {
            history.acked(0, history.begin(0, value(1, i), hash(i), i / 5), i);
        }
    }

    private static long value(int client, int counter) {
        return (long) client << History.COUNTER_BITS | counter;
    }

    private static int hash(int counter) {
        return counter * 31;
    }

    private static void good(Reading reading, int offset) {
        reading.record(offset, value(1, offset), hash(offset));
    }

    private static void allGood(Reading reading) {
        for (int i = 0; i < 10; i++) {
            good(reading, i);
        }
    }

    private Checker check(Consumer<Reading> read) {
        return check(0, 10, read);
    }

    private Checker check(long from, long to, Consumer<Reading> read) {
        Checker checker = new Checker(history, 0);
        Reading reading = checker.read("mixed", from, to, from == 0);
        read.accept(reading);
        reading.end();
        return checker;
    }

    private static Set<Kind> kinds(Checker checker) {
        return checker.findings().stream().map(Finding::kind).collect(Collectors.toSet());
    }

    @Test
    void aFaithfulReadHasNoFindings() {
        assertThat(
                        check(r -> List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9).forEach(i -> good(r, i)))
                                .findings())
                .isEmpty();
    }

    @Test
    void aReadOfAPartIsJudgedByThatPart() {
        assertThat(check(3, 8, r -> List.of(3, 4, 5, 6, 7).forEach(i -> good(r, i))).findings())
                .isEmpty();
    }

    @Test
    void aLostTailIsFound() { // J4
        Checker checker = check(r -> List.of(0, 1, 2, 3, 4, 5, 6, 7, 8).forEach(i -> good(r, i)));
        assertThat(kinds(checker)).contains(Kind.LOST, Kind.GAP, Kind.TORN);
        assertThat(checker.findings().stream().filter(f -> f.kind() == Kind.LOST))
                .extracting(Finding::offset)
                .containsExactly(9L);
    }

    @Test
    void aLostRecordInTheMiddleIsFound() { // J3
        Checker checker = check(r -> List.of(0, 1, 2, 4, 5, 6, 7, 8, 9).forEach(i -> good(r, i)));
        assertThat(kinds(checker)).contains(Kind.LOST, Kind.GAP);
    }

    @Test
    void aRecordThatCameAgainLaterIsFound() { // J1
        Checker checker =
                check(
                        0,
                        11,
                        r -> {
                            allGood(r);
                            r.record(10, value(1, 4), hash(4));
                        });
        assertThat(kinds(checker)).contains(Kind.DUPLICATE, Kind.WRONG_OFFSET);
    }

    @Test
    void anOffsetThatComesTwiceIsFound() { // twice in the table
        assertThat(
                        kinds(
                                check(
                                        r ->
                                                List.of(0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9)
                                                        .forEach(i -> good(r, i)))))
                .containsExactly(Kind.DUPLICATE);
    }

    @Test
    void swappedRecordsAreFound() { // J8
        assertThat(
                        kinds(
                                check(
                                        r ->
                                                List.of(0, 1, 2, 4, 3, 5, 6, 7, 8, 9)
                                                        .forEach(i -> good(r, i)))))
                .contains(Kind.REORDERED);
    }

    @Test
    void aLaterSendBeforeAnEarlierOneIsFound() { // J13: both unknown, so no offset gives it away
        history.begin(0, value(2, 0), 0, -1);
        history.begin(0, value(2, 1), 0, -1);
        Checker checker =
                check(
                        0,
                        12,
                        r -> {
                            allGood(r);
                            r.record(10, value(2, 1), 0);
                            r.record(11, value(2, 0), 0);
                        });
        assertThat(kinds(checker)).containsExactly(Kind.OVERTAKEN);
    }

    @Test
    void aWrongOffsetIsFound() {
        Checker checker =
                check(
                        r -> {
                            for (int i = 0; i < 10; i++) {
                                r.record(
                                        i,
                                        value(1, i == 2 ? 3 : i == 3 ? 2 : i),
                                        hash(i == 2 ? 3 : i == 3 ? 2 : i));
                            }
                        });
        assertThat(kinds(checker)).contains(Kind.WRONG_OFFSET, Kind.OVERTAKEN);
    }

    @Test
    void halfABatchOfUnknownOutcomeIsTorn() {
        for (int i = 0; i < 4; i++) {
            history.begin(0, value(2, i), i, 99);
        }
        Checker checker =
                check(
                        0,
                        12,
                        r -> {
                            allGood(r);
                            r.record(10, value(2, 0), 0);
                            r.record(11, value(2, 1), 1);
                        });
        assertThat(kinds(checker)).containsExactly(Kind.TORN);
    }

    @Test
    void aRecordThatNeverLeftItsClientWasInNoBatch() {
        history.begin(0, value(2, 0), 0, 99);
        history.failed(0, history.begin(0, value(2, 1), 1, 99));
        Checker checker =
                check(
                        0,
                        11,
                        r -> {
                            allGood(r);
                            r.record(10, value(2, 0), 0);
                        });
        assertThat(checker.findings()).isEmpty();
    }

    @Test
    void anUnknownSendMayBeThereOrNot() {
        history.begin(0, value(2, 0), 7, 98);
        history.begin(0, value(2, 1), 8, 99);
        Checker checker =
                check(
                        0,
                        11,
                        r -> {
                            allGood(r);
                            r.record(10, value(2, 1), 8);
                        });
        assertThat(checker.findings()).isEmpty();
    }

    @Test
    void anUnknownSendThatIsThereTwiceIsFound() { // J1
        history.begin(0, value(2, 0), 7, -1);
        Checker checker =
                check(
                        0,
                        12,
                        r -> {
                            allGood(r);
                            r.record(10, value(2, 0), 7);
                            r.record(11, value(2, 0), 7);
                        });
        assertThat(kinds(checker)).contains(Kind.DUPLICATE);
    }

    @Test
    void whatWasRefusedMustNotBeRead() { // J5
        history.failed(0, history.begin(0, value(2, 0), 7, -1));
        Checker checker =
                check(
                        0,
                        11,
                        r -> {
                            allGood(r);
                            r.record(10, value(2, 0), 7);
                        });
        assertThat(kinds(checker)).containsExactly(Kind.PHANTOM);
    }

    @Test
    void whatNobodySentIsFound() {
        Checker checker =
                check(
                        0,
                        11,
                        r -> {
                            allGood(r);
                            r.record(10, value(7, 7), 0);
                        });
        assertThat(kinds(checker)).containsExactly(Kind.PHANTOM);
    }

    @Test
    void otherContentUnderTheSameValueIsFound() { // J17
        Checker checker =
                check(
                        r -> {
                            for (int i = 0; i < 10; i++) {
                                r.record(i, value(1, i), i == 6 ? 1 : hash(i));
                            }
                        });
        assertThat(kinds(checker)).containsExactly(Kind.TORN);
    }

    @Test
    void twoReadsThatDisagreeAreFound() { // J2, J17: the table against the log
        history.begin(0, value(2, 0), 7, -1);
        history.begin(0, value(3, 0), 7, -1);
        Checker checker = new Checker(history, 0);
        checker.read("mixed", 10, 11, false).record(10, value(2, 0), 7);
        checker.read("table", 10, 11, false).record(10, value(3, 0), 7);
        assertThat(kinds(checker)).containsExactly(Kind.INCONSISTENT);
    }

    @Test
    void anAcknowledgementBelowAnEarlierOneIsFound() { // J14
        history.acked(0, history.begin(0, value(2, 0), 0, -1), 9);
        assertThat(kinds(new Checker(history, 0))).contains(Kind.STALE_ACK, Kind.DUPLICATE);
    }

    @Test
    void findingsAreBounded() { // 1,000 losses: one bound of memory
        History many = new History(1);
        for (int i = 0; i < 1_000; i++) {
            many.acked(0, many.begin(0, value(1, i), 0, -1), i);
        }
        Checker checker = new Checker(many, 0);
        checker.read("mixed", 0, 1_000, true).end();
        assertThat(checker.findings()).hasSize(Checker.MAX_FINDINGS);
        assertThat(checker.suppressed()).isEqualTo(1_001 - Checker.MAX_FINDINGS);
    }

    @Test
    void aMillionSendsAreCheckedInSeconds() {
        int count = 1_000_000;
        History many = new History(1);
        for (int i = 0; i < count; i++) {
            many.acked(0, many.begin(0, value(1, i), i, i / 10), i);
        }
        long started = System.nanoTime();
        Checker checker = new Checker(many, 0);
        Reading reading = checker.read("mixed", 0, count, true);
        for (int i = 0; i < count; i++) {
            reading.record(i, value(1, i), i);
        }
        assertThat(reading.end()).isEqualTo(count);
        assertThat(checker.findings()).isEmpty();
        assertThat((System.nanoTime() - started) / 1_000_000_000).isLessThan(30);
    }
}
