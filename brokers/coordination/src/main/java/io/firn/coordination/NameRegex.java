package io.firn.coordination;

import com.google.re2j.ParsedRegex;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/// A regular expression over topic names, as a tree: what RE2/J reads in its text, held against the
/// characters that a name may have. So flags, classes and line ends are gone, and each part has one
/// meaning.
///
/// Why a tree: `^` holds only before the first character, and behind a prefix no text of RE2's can
/// say that again. [#after] therefore takes the anchors out.
sealed interface NameRegex {
    /// Out of these a topic name is made (`Topic.validate`).
    String NAME_CHARACTERS = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    /// Steps of a machine that matches it, about; grows with repetitions, and may be far more than
    /// the text is long.
    long steps();

    /// Whether `^` is somewhere in it.
    boolean anchored();

    /// The parts that hold nothing.
    enum Mark implements NameRegex {
        /// Matches no name, not even the empty one.
        NOTHING("[^\\x00-\\x{10FFFF}]"),
        /// The empty text.
        EMPTY("(?:)"),
        /// `^`. Nothing behind a prefix says this, so it has no text.
        BEGIN(""),
        /// `$`. It and the next two mean the same at the beginning of a name and behind a `.`.
        END("\\z"),
        /// `\b`.
        BOUNDARY("\\b"),
        /// `\B`.
        NO_BOUNDARY("\\B");

        private final String text;

        Mark(String text) {
            this.text = text;
        }

        @Override
        public long steps() {
            return 1;
        }

        @Override
        public boolean anchored() {
            return this == Mark.BEGIN;
        }
    }

    /// One character out of `set`, which is not empty.
    record One(String set) implements NameRegex {
        @Override
        public long steps() {
            return 1;
        }

        @Override
        public boolean anchored() {
            return false;
        }
    }

    /// The parts after one another; two at least.
    record Concat(List<NameRegex> parts, long steps, boolean anchored) implements NameRegex {}

    /// Any one of them; two at least.
    record Choice(List<NameRegex> choices, long steps, boolean anchored) implements NameRegex {}

    /// @param max -1: any number
    record Repeat(NameRegex part, int min, int max, long steps, boolean anchored)
            implements NameRegex {}

    /// @throws com.google.re2j.PatternSyntaxException when it is none
    static NameRegex parse(String expression) {
        return ParsedRegex.read(expression, new Reader());
    }

    static NameRegex concat(List<NameRegex> all) {
        List<NameRegex> parts = new ArrayList<>(all.size());
        long steps = 0;
        boolean anchored = false;
        boolean ended = false;
        for (NameRegex part : all) {
            if (part == Mark.NOTHING || (ended && consumes(part))) {
                return Mark
                        .NOTHING; // no character follows the end, which RE2/J does not always see
            }
            ended |= part == Mark.END;
            if (part != Mark.EMPTY) {
                parts.add(part);
                steps = sum(steps, part.steps());
                anchored |= part.anchored();
            }
        }
        return switch (parts.size()) {
            case 0 -> Mark.EMPTY;
            case 1 -> parts.getFirst();
            default -> new Concat(parts, steps, anchored);
        };
    }

    /// Whether whatever it matches has a character at least.
    private static boolean consumes(NameRegex regex) {
        return switch (regex) {
            case Mark mark -> false;
            case One one -> true;
            case Concat concat -> concat.parts().stream().anyMatch(NameRegex::consumes);
            case Choice choice -> choice.choices().stream().allMatch(NameRegex::consumes);
            case Repeat repeat -> repeat.min() > 0 && consumes(repeat.part());
        };
    }

    static NameRegex either(List<NameRegex> all) {
        List<NameRegex> choices = new ArrayList<>(all.size());
        long steps = 0;
        boolean anchored = false;
        for (NameRegex choice : all) {
            if (choice != Mark.NOTHING) {
                choices.add(choice);
                steps = sum(1, sum(steps, choice.steps()));
                anchored |= choice.anchored();
            }
        }
        return switch (choices.size()) {
            case 0 -> Mark.NOTHING;
            case 1 -> choices.getFirst();
            default -> new Choice(choices, steps, anchored);
        };
    }

    static NameRegex repeat(NameRegex part, int min, int max) {
        if (max == 0 || part == Mark.EMPTY) {
            return Mark.EMPTY;
        }
        if (part == Mark.NOTHING) {
            return min == 0 ? Mark.EMPTY : Mark.NOTHING;
        }
        long times = Math.max(1, Math.max(min, max));
        long steps =
                part.steps() > Integer.MAX_VALUE ? Long.MAX_VALUE : sum(1, part.steps() * times);
        return new Repeat(part, min, max, steps, part.anchored());
    }

    private static long sum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /// The same names, to be matched whole behind a prefix that ends with a `.`: without `^`.
    ///
    /// What a part matches depends on where it begins. At the beginning of the name, `^` is the
    /// empty name; further on it matches nothing. So a part that begins there either matches
    /// characters, and what follows it is further on, or it matches none, and what follows begins
    /// there too.
    static NameRegex after(NameRegex it) {
        return it.anchored() ? either(List.of(some(it), none(it))) : it;
    }

    /// What `it` matches of at least one character from the beginning on.
    private static NameRegex some(NameRegex it) {
        return switch (it) {
            case Mark mark -> Mark.NOTHING;
            case One one -> one;
            case Concat concat -> someOf(concat.parts());
            case Choice choice -> either(each(choice.choices(), NameRegex::some));
            case Repeat repeat -> {
                NameRegex part = repeat.part();
                int more = repeat.max() < 0 ? -1 : repeat.max() - 1;
                NameRegex first = some(part);
                NameRegex next = further(part);
                NameRegex once =
                        concat(List.of(first, repeat(next, Math.max(0, repeat.min() - 1), more)));
                // Turns that match nothing count too, and come before the one that matches.
                yield repeat.min() < 2
                        ? once
                        : either(
                                List.of(
                                        once,
                                        concat(List.of(none(part), first, repeat(next, 0, more)))));
            }
        };
    }

    /// One part is the first to match a character: those before it match none, those behind it
    /// begin further on.
    private static NameRegex someOf(List<NameRegex> parts) {
        List<NameRegex> firsts = new ArrayList<>();
        List<NameRegex> before = new ArrayList<>();
        List<NameRegex> behind = each(parts, NameRegex::further);
        for (int i = 0; i < parts.size() && !before.contains(Mark.NOTHING); i++) {
            List<NameRegex> all = new ArrayList<>(before);
            all.add(some(parts.get(i)));
            all.addAll(behind.subList(i + 1, behind.size()));
            firsts.add(concat(all));
            before.add(none(parts.get(i)));
        }
        return either(firsts);
    }

    /// Under which assertions `it` matches no character at the beginning.
    private static NameRegex none(NameRegex it) {
        return switch (it) {
            case Mark mark -> mark == Mark.BEGIN ? Mark.EMPTY : mark;
            case One one -> Mark.NOTHING;
            case Concat concat -> concat(each(concat.parts(), NameRegex::none));
            case Choice choice -> either(each(choice.choices(), NameRegex::none));
            case Repeat repeat -> repeat.min() == 0 ? Mark.EMPTY : none(repeat.part());
        };
    }

    /// What `it` matches when it begins behind a character.
    private static NameRegex further(NameRegex it) {
        if (!it.anchored()) {
            return it;
        }
        return switch (it) {
            case Mark mark -> Mark.NOTHING; // BEGIN is the only one that is anchored
            case One one -> one;
            case Concat concat -> concat(each(concat.parts(), NameRegex::further));
            case Choice choice -> either(each(choice.choices(), NameRegex::further));
            case Repeat repeat -> repeat(further(repeat.part()), repeat.min(), repeat.max());
        };
    }

    /// No stream: nested as deep as a tenant likes, its frames would cost most of the stack.
    private static List<NameRegex> each(List<NameRegex> all, UnaryOperator<NameRegex> change) {
        List<NameRegex> changed = new ArrayList<>(all.size());
        for (NameRegex one : all) {
            changed.add(change.apply(one));
        }
        return changed;
    }

    /// What [#after] answered, in RE2's syntax.
    static void print(NameRegex it, StringBuilder out) {
        switch (it) {
            case Mark mark -> out.append(mark.text);
            case One one -> printSet(one.set(), out);
            case Concat concat -> {
                for (NameRegex part : concat.parts()) {
                    print(part, out);
                }
            }
            case Choice choice -> {
                String between = "(?:";
                for (NameRegex one : choice.choices()) {
                    out.append(between);
                    print(one, out);
                    between = "|";
                }
                out.append(')');
            }
            case Repeat repeat -> {
                out.append("(?:");
                print(repeat.part(), out);
                out.append(')').append(times(repeat.min(), repeat.max()));
            }
        }
    }

    private static String times(int min, int max) {
        if (max < 0) {
            return min == 0 ? "*" : min == 1 ? "+" : "{%d,}".formatted(min);
        }
        return min == 0 && max == 1 ? "?" : "{%d,%d}".formatted(min, max);
    }

    private static void printSet(String set, StringBuilder out) {
        if (set.length() == NAME_CHARACTERS.length()) {
            out.append('.');
        } else if (set.length() == 1) {
            out.append(set.equals(".") ? "\\." : set);
        } else {
            out.append('[');
            for (int i = 0; i < set.length(); ) {
                int last = i;
                while (last + 1 < set.length() && set.charAt(last + 1) == set.charAt(last) + 1) {
                    last++;
                }
                escaped(set.charAt(i), out);
                if (last > i) {
                    out.append('-');
                    escaped(set.charAt(last), out);
                }
                i = last + 1;
            }
            if (set.length() == 2 && set.substring(0, 1).equalsIgnoreCase(set.substring(1))) {
                // RE2/J 1.8 takes [Aa] for a folded literal, and then for the same as A when it
                // takes out what two choices begin with. No name has this character.
                out.append("\\x00");
            }
            out.append(']');
        }
    }

    private static void escaped(char character, StringBuilder out) {
        out.append(character == '-' || character == '.' ? "\\" : "").append(character);
    }

    /// Makes the tree out of what RE2/J reads.
    final class Reader implements ParsedRegex.Builder<NameRegex> {
        private Reader() {}

        @Override
        public NameRegex nothing() {
            return Mark.NOTHING;
        }

        @Override
        public NameRegex one(IntPredicate set) {
            StringBuilder legal = new StringBuilder();
            NAME_CHARACTERS.chars().filter(set).forEach(c -> legal.append((char) c));
            return legal.isEmpty() ? Mark.NOTHING : new One(legal.toString());
        }

        @Override
        public NameRegex begin() {
            return Mark.BEGIN;
        }

        @Override
        public NameRegex end() {
            return Mark.END;
        }

        @Override
        public NameRegex wordBoundary(boolean boundary) {
            return boundary ? Mark.BOUNDARY : Mark.NO_BOUNDARY;
        }

        @Override
        public NameRegex concat(List<NameRegex> parts) {
            return NameRegex.concat(parts);
        }

        @Override
        public NameRegex either(List<NameRegex> choices) {
            return NameRegex.either(choices);
        }

        @Override
        public NameRegex repeat(NameRegex part, int min, int max) {
            return NameRegex.repeat(part, min, max);
        }
    }
}
