package io.firn.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;

import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// D1, G12: what a tenant's regular expression means inside the cluster.
class TenantRegexTest {
    private static final String TENANT = "acme-1";
    private static final int EXPRESSIONS = 3_000;

    private final TenantRegex regex = new TenantRegex(TENANT);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "^topic-.*$",
                "^topic-a|topic-b$",
                "(^topic-a$)|(^topic-b$)",
                "(?i)^TOPIC-.*",
                "(?m)^topic-.$",
                "\\Atopic-.\\z",
                "x*^topic-.*",
                "(x|^)+topic-a",
                "(^|x){2,3}topic-a",
                ".*(^topic).*",
                "topic^-a",
                "$^topic-a",
                "\\btopic\\b-a",
                "\\Bopic-a|\\Btopic-a",
                "[^x]opic-[[:alpha:]]",
                "\\Qtopic-a\\E",
                "\\Qtopic-a",
                "topic\\x2da",
                "(?P<n>t)opic-.|\\pL{5}-.",
                "(?s-i:.{7})",
                "^$",
                "^",
                ".*",
                "[^\\x00-\\x{10FFFF}]|topic-a",
                "(?i)topic-K"
            })
    void anExpressionMeansInsideWhatItMeansToItsTenant(String outside) {
        assertSameMeaning(
                outside,
                List.of(
                        "topic-a",
                        "topic-b",
                        "TOPIC-a",
                        "xtopic-a",
                        "xxtopic-a",
                        "topic",
                        "a",
                        "topic-K",
                        "topic-k",
                        "x.topic-a",
                        "_topic-a"));
    }

    @Test
    void hundredsOfRandomExpressionsMeanTheSameInside() {
        long seed = Long.getLong("firn.seed", System.nanoTime());
        Random random = new Random(seed);
        int matches = 0;
        for (int i = 0; i < EXPRESSIONS; i++) {
            String outside = expression(random, 4);
            List<String> names = new ArrayList<>();
            for (int j = 0; j < 40; j++) {
                names.add(name(random));
            }
            try {
                matches += assertSameMeaning(outside, names);
            } catch (AssertionError e) {
                throw new AssertionError("-Dfirn.seed=%d: %s".formatted(seed, outside), e);
            }
        }
        assertThat(matches).as("matches, seed %d", seed).isGreaterThan(EXPRESSIONS / 2);
    }

    @Test
    void nothingOutsideTheTenantMatches() {
        for (String outside : new String[] {".*", "^.*$", "|.*", ".*|", "(?:)|.*", "a|^"}) {
            String inside = regex.inside(outside);

            assertThat(matches(inside, "acme-10.x")).isFalse();
            assertThat(matches(inside, "acme-1xorders-eu")).isFalse();
            assertThat(matches(inside, "other.orders-eu")).isFalse();
            assertThat(matches(inside, "other.acme-1.orders-eu")).isFalse();
            assertThat(matches(inside, "__consumer_offsets")).isFalse();
        }
    }

    @Test
    void whatIsNoExpressionIsRefused() {
        for (String trick : new String[] {"a)|(?:.*", "a)|.*|(b", "[", "(?i", ")", "(?<=a)b"}) {
            assertThatThrownBy(() -> regex.inside(trick))
                    .as(trick)
                    .isInstanceOf(InvalidRegularExpression.class)
                    .hasMessageNotContaining(TENANT);
        }
    }

    @Test
    void anExpressionThatWouldTakeTheBrokersMemoryIsRefusedInWords() {
        for (String greedy :
                new String[] {
                    "(((a{1000}){1000}){1000}){1000}",
                    "(a{1000}){6}",
                    "((a?){1000}){900}",
                    "(a|^){999}(b{999}){9}"
                }) {
            assertThatThrownBy(() -> regex.inside(greedy))
                    .as(greedy)
                    .isInstanceOf(InvalidRegularExpression.class)
                    .hasMessageContaining("at most");
        }
        assertThatThrownBy(() -> regex.inside("a".repeat(100_000)))
                .isInstanceOf(InvalidRegularExpression.class)
                .hasMessageContaining("2048");
    }

    @Test
    void theLongestAndTheDeepestAreReadOnASmallStack() throws Exception {
        List<Throwable> thrown = new ArrayList<>();
        Thread reader =
                new Thread(
                        null,
                        () -> {
                            regex.inside("x?^" + "a".repeat(2_045));
                            regex.inside("(".repeat(1_000) + "^a" + ")".repeat(1_000));
                            regex.inside("(a|".repeat(500) + "^" + ")".repeat(500));
                        },
                        "small",
                        512 << 10);
        reader.setUncaughtExceptionHandler((thread, error) -> thrown.add(error));
        reader.start();
        reader.join();

        assertThat(thrown).isEmpty();
    }

    @Test
    void theTenantReadsBackWhatItWrote() {
        for (String written : new String[] {"a|b.c", "^topic-.*$", "\\Qü>\\E", "(?i)x"}) {
            assertThat(regex.outside(regex.inside(written))).isEqualTo(written);
        }
        assertThat(regex.inside("")).isEmpty();
        assertThat(regex.outside("of-somebody-else.*")).isEqualTo("of-somebody-else.*");
    }

    private int assertSameMeaning(String outside, List<String> names) {
        String inside = regex.inside(outside);
        Pattern meant = Pattern.compile(outside);
        Pattern made = Pattern.compile(inside);
        int matches = 0;
        for (String name : names) {
            boolean direct = meant.matcher(name).matches();
            assertThat(made.matcher(TENANT + "." + name).matches())
                    .as("%s on %s, inside %s", outside, name, inside)
                    .isEqualTo(direct);
            matches += direct ? 1 : 0;
        }
        return matches;
    }

    private static String expression(Random random, int depth) {
        if (depth == 0) {
            return atom(random);
        }
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> expression(random, depth - 1) + expression(random, depth - 1);
            case 3, 4 -> expression(random, depth - 1) + "|" + expression(random, depth - 1);
            case 5 -> group(random) + expression(random, depth - 1) + ")";
            case 6 -> group(random) + expression(random, depth - 1) + ")" + times(random);
            case 7 -> "^" + expression(random, depth - 1);
            default -> expression(random, depth - 1) + "$";
        };
    }

    private static String atom(Random random) {
        String[] atoms = {
            "a",
            "b",
            "A",
            "\\.",
            "-",
            "_",
            ".",
            "[ab]",
            "[^a]",
            "\\w",
            "\\W",
            "\\d",
            "^",
            "$",
            "\\b",
            "\\B",
            "\\A",
            "\\z",
            "\\Qa.\\E",
            "[[:upper:]]",
            "\\pL",
            "",
            "ab",
            ".*",
            "(?i)b",
            "(?m)^",
            "(?m)$",
            "k",
            "\\x61"
        };
        return atoms[random.nextInt(atoms.length)];
    }

    private static String group(Random random) {
        String[] groups = {"(", "(?:", "(?i:", "(?m:", "(?s:", "(?-i:", "(?U:"};
        return groups[random.nextInt(groups.length)];
    }

    private static String times(Random random) {
        String[] all = {
            "*", "+", "?", "{0}", "{1}", "{2}", "{0,2}", "{2,3}", "{1,}", "{2,}", "*?", "+?"
        };
        return all[random.nextInt(all.length)];
    }

    /// Short and of few characters, so that many match.
    private static String name(Random random) {
        String characters = "aaabbA.-_k1";
        StringBuilder name = new StringBuilder();
        int length = 1 + random.nextInt(4);
        for (int i = 0; i < length; i++) {
            name.append(characters.charAt(random.nextInt(characters.length())));
        }
        return name.toString();
    }

    private static boolean matches(String expression, String topic) {
        return Pattern.compile(expression).matcher(topic).matches();
    }
}
