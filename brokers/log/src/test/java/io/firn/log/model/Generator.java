package io.firn.log.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Draws sequences.
final class Generator {
    private static final int WEIGHTS;

    static {
        int sum = 0;
        for (Action action : Action.values()) {
            sum += action.weight;
        }
        WEIGHTS = sum;
    }

    private Generator() {}

    static List<Step> sequence(long seed, int steps) {
        var random = new Random(seed);
        boolean faults = random.nextInt(3) > 0;
        var sequence = new ArrayList<Step>();
        while (sequence.size() < steps) {
            int at = sequence.size();
            Action action = at < 2 ? Action.MAKE : action(random);
            int slot = at < 2 ? at : random.nextInt(Model.SLOTS);
            boolean unused = action == Action.TAKE_OVER && random.nextBoolean();
            if (unused) { // nobody knows what it is set to
                sequence.add(step(Action.KILL, slot, faults, random));
            }
            sequence.add(step(action, slot, faults, random));
            if (unused) { // and it comes back
                sequence.add(step(action, slot, faults, random));
            }
            if (action == Action.DELETE && random.nextBoolean()) { // and made again, and used
                sequence.add(step(Action.MAKE, slot, faults, random));
                sequence.add(step(Action.APPEND, slot, faults, random));
            }
        }
        return sequence;
    }

    private static Step step(Action action, int slot, boolean faults, Random random) {
        return new Step(
                action,
                slot,
                random.nextLong(),
                faults && !action.isOperators() ? fault(random) : DiskFaults.Kind.NOTHING,
                random.nextInt(random.nextBoolean() ? 4 : 20));
    }

    private static Action action(Random random) {
        int left = random.nextInt(WEIGHTS);
        for (Action action : Action.values()) {
            left -= action.weight;
            if (left < 0) {
                return action;
            }
        }
        throw new IllegalStateException();
    }

    private static DiskFaults.Kind fault(Random random) {
        return switch (random.nextInt(40)) {
            case 0, 1, 2, 3, 4 -> DiskFaults.Kind.KILL;
            case 5 -> DiskFaults.Kind.ERROR_ONCE;
            case 6 -> DiskFaults.Kind.ERROR_FOREVER;
            case 7 -> DiskFaults.Kind.FULL;
            default -> DiskFaults.Kind.NOTHING;
        };
    }
}
