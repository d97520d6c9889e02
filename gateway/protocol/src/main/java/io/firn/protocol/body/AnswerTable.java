package io.firn.protocol.body;

import java.util.concurrent.ThreadLocalRandom;

/// How large Kafka's hash tables in answers are made.
public final class AnswerTable {
    private static final int LEAST_SPREAD = 64;

    private AnswerTable() {}

    /// The number of elements to make a table for that will hold `entries` of them: so many that it
    /// need not grow, which takes quadratic time, and a number that nobody can foresee, or else
    /// names could be chosen to share its slots (G12).
    public static int sizeFor(int entries) {
        return entries + 2 + ThreadLocalRandom.current().nextInt(LEAST_SPREAD + entries / 2);
    }
}
