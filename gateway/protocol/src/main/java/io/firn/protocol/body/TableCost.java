package io.firn.protocol.body;

import java.util.Arrays;

/// What it takes to parse keyed entries into Kafka's `ImplicitLinkedHashCollection`. Elements that
/// want the same slots push each other on, and the table grows at the last element: each is taken
/// out, whereupon all that follow in its run are seated anew. `n` elements of one hash take `n³`
/// steps of about a nanosecond; names that only count upwards can be as unlucky.
final class TableCost {
    /// Steps an element of a table that nobody need count exactly.
    private static final int LINEAR = 16;

    /// With fewer slots, nothing is slow.
    private static final int FIRST_CAPACITY = 383;

    private final int[] homes;
    private final int capacity;

    /// Of a table that a parser makes, which knows how many there will be.
    ///
    /// @param hashes of the elements in their order
    TableCost(int[] hashes) {
        this(hashes, hashes.length, 2 * hashes.length + 1);
    }

    /// @param count how many of `hashes` it holds when it grows
    /// @param capacity slots, more than twice as many
    TableCost(int[] hashes, int count, int capacity) {
        this.capacity = capacity;
        this.homes = new int[count];
        for (int i = 0; i < count; i++) {
            homes[i] = (hashes[i] & Integer.MAX_VALUE) % capacity;
        }
    }

    /// How many steps it takes: exactly, or a bound of them that is small.
    ///
    /// @return more than `most` if there are more, then not counted to the end
    long steps(long most) {
        long bound = atMost();
        return bound <= (long) LINEAR * homes.length ? Math.min(bound, most) : exactly(most);
    }

    /// Of tables as answers are: they grow from a few slots on, each time that they are half full.
    ///
    /// @throws BodyWeigher.Exceeded if one of the sizes takes more steps than `most`
    static void requireGrowing(int[] hashes, int count, long most, String what) {
        for (int capacity = FIRST_CAPACITY; ; capacity = 2 * capacity + 1) {
            int held = Math.min(count, capacity / 2);
            if (new TableCost(hashes, held, capacity).exceeds(most)) {
                throw new BodyWeigher.Exceeded(
                        "%d %s of the request share so few slots of a hash table that it would take too long; ask for less at a time"
                                .formatted(held, what));
            }
            if (held == count) {
                return;
            }
        }
    }

    /// Whether it takes more than so many steps.
    boolean exceeds(long most) {
        return atMost() > most && exactly(most) > most;
    }

    /// At least as many steps as it takes, often many more. Itself it takes little.
    private long atMost() {
        int[] sorted = homes.clone();
        Arrays.sort(sorted);
        long steps = 0;
        int free = 0; // the first slot behind the run
        long run = 0;
        long pushed = 0;
        for (int home : sorted) {
            if (home > free) {
                steps += run * pushed;
                free = home;
                run = 0;
                pushed = 0;
            }
            pushed += free - home + 1;
            run++;
            free++;
        }
        steps += run * pushed;
        // A run that goes on at the beginning makes one with the first; counted as if all were.
        return free > capacity ? Math.max(steps, cubed(homes.length)) : steps;
    }

    private static long cubed(long n) {
        return n * n * n;
    }

    /// The steps that it takes, counted by doing as the table does.
    ///
    /// @return more than `most` if there are more, then not counted to the end
    private long exactly(long most) {
        int[] table = new int[capacity]; // element + 1 in each slot that is taken
        int[] slots = new int[homes.length];
        long steps = 0;
        for (int i = 0; i < homes.length && steps <= most; i++) {
            int slot = homes[i];
            while (table[slot] != 0) {
                slot = after(slot);
                steps++;
            }
            table[slot] = i + 1;
            slots[i] = slot;
        }
        for (int i = 0; i < homes.length && steps <= most; i++) {
            steps += remove(table, slots, i, most - steps);
        }
        return steps;
    }

    private long remove(int[] table, int[] slots, int element, long most) {
        int slot = slots[element];
        table[slot] = 0;
        long steps = 0;
        slot = after(slot);
        while (table[slot] != 0 && steps <= most) {
            int moved = table[slot] - 1;
            int to = homes[moved];
            while (to != slot && table[to] != 0) {
                to = after(to);
                steps++;
            }
            if (to != slot) {
                table[slot] = 0;
                table[to] = moved + 1;
                slots[moved] = to;
            }
            slot = after(slot);
            steps++;
        }
        return steps;
    }

    private int after(int slot) {
        return slot + 1 == capacity ? 0 : slot + 1;
    }
}
