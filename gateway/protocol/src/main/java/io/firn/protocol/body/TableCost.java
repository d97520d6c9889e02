package io.firn.protocol.body;

import java.util.Arrays;

/// What it takes to parse keyed entries into Kafka's `ImplicitLinkedHashCollection`. Elements that
/// want the same slots push each other on, and the table grows at the last element: each is taken
/// out, whereupon all that follow in its run are seated anew. `n` elements of one hash take `n³`
/// steps of about a nanosecond; names that only count upwards can be as unlucky.
final class TableCost {
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
