package com.google.re2j;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// The one thing that Firn needs from inside this package: an expression as RE2/J's own parser
/// reads it, flags, classes and quotes resolved. Both parser and tree are package-private.
public final class ParsedRegex {
    /// What each part of an expression becomes.
    public interface Builder<T> {
        /// Matches no text.
        T nothing();

        /// One character of a set.
        T one(IntPredicate set);

        /// `^` and `\A`, of the text or of a line.
        T begin();

        /// `$` and `\z`, of the text or of a line.
        T end();

        /// `\b` or, if not `inside`, `\B`.
        T wordBoundary(boolean boundary);

        /// The parts after one another; empty: the empty text.
        T concat(List<T> parts);

        T either(List<T> choices);

        /// @param max -1: any number
        T repeat(T part, int min, int max);
    }

    private ParsedRegex() {}

    /// @throws PatternSyntaxException as `Pattern.compile` would
    public static <T> T read(String expression, Builder<T> builder) {
        return read(Parser.parse(expression, RE2.PERL), builder);
    }

    private static <T> T read(Regexp node, Builder<T> builder) {
        return switch (node.op) {
            case NO_MATCH -> builder.nothing();
            case EMPTY_MATCH -> builder.concat(List.of());
            case LITERAL -> literal(node, builder);
            case CHAR_CLASS -> builder.one(rune -> inClass(node.runes, rune));
            case ANY_CHAR_NOT_NL -> builder.one(rune -> rune != '\n');
            case ANY_CHAR -> builder.one(rune -> true);
            case BEGIN_LINE, BEGIN_TEXT -> builder.begin();
            case END_LINE, END_TEXT -> builder.end();
            case WORD_BOUNDARY -> builder.wordBoundary(true);
            case NO_WORD_BOUNDARY -> builder.wordBoundary(false);
            case CAPTURE -> read(node.subs[0], builder);
            case STAR -> builder.repeat(read(node.subs[0], builder), 0, -1);
            case PLUS -> builder.repeat(read(node.subs[0], builder), 1, -1);
            case QUEST -> builder.repeat(read(node.subs[0], builder), 0, 1);
            case REPEAT -> builder.repeat(read(node.subs[0], builder), node.min, node.max);
            case CONCAT -> builder.concat(all(node, builder));
            case ALTERNATE -> builder.either(all(node, builder));
            case LEFT_PAREN, VERTICAL_BAR ->
                    throw new IllegalStateException(
                            "RE2/J left a marker of its parser: " + node.op);
        };
    }

    private static <T> List<T> all(Regexp node, Builder<T> builder) {
        List<T> parts = new ArrayList<>(node.subs.length);
        for (Regexp sub : node.subs) {
            parts.add(read(sub, builder));
        }
        return parts;
    }

    private static <T> T literal(Regexp node, Builder<T> builder) {
        boolean fold = (node.flags & RE2.FOLD_CASE) != 0;
        List<T> parts = new ArrayList<>(node.runes.length);
        for (int rune : node.runes) {
            parts.add(
                    builder.one(
                            fold
                                    ? other -> Unicode.equalsIgnoreCase(rune, other)
                                    : other -> other == rune));
        }
        return builder.concat(parts);
    }

    /// @param ranges pairs of first and last
    private static boolean inClass(int[] ranges, int rune) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (ranges[i] <= rune && rune <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
