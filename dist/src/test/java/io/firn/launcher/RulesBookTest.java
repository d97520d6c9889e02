package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Holds `docs/rules.md` and the code together: who meets an id in the code finds its rule in the
/// book, and the book names only places that know the rule.
class RulesBookTest {
    private static final Pattern ID = Pattern.compile("\\b[RLTCGIJ][1-9][0-9]?\\b");
    private static final Pattern ROW =
            Pattern.compile(
                    "(?m)^\\| \\*\\*([RLTCGIJ]\\d+)\\*\\* \\|([^|]+)\\|([^|]+)\\|([^|]+)\\|([^|]+)\\|$");
    private static final Pattern CLASS = Pattern.compile("`([A-Z]\\w+)`");
    private static final Path ROOT = root();

    /// @param kept classes that keep the rule
    /// @param proved test classes that prove it
    private record Rule(String id, String text, List<String> kept, List<String> proved) {
        boolean isOfTheChecker() {
            return id.startsWith("J");
        }
    }

    private final Map<String, Rule> book = book();
    /// What runs at the users', and what tests it: all of `tests/` is the latter.
    private final Map<String, String> product = sources(RulesBookTest::isProduct);

    private final Map<String, String> tests = sources(file -> !isProduct(file));

    @Test
    void eachIdInTheCodeIsInTheBook() {
        var unknown = new TreeMap<String, TreeSet<String>>();
        for (Map<String, String> sources : List.of(product, tests)) {
            sources.forEach(
                    (name, text) ->
                            ids(comments(text)).stream()
                                    .filter(id -> !book.containsKey(id))
                                    .forEach(
                                            id ->
                                                    unknown.computeIfAbsent(
                                                                    id, i -> new TreeSet<>())
                                                            .add(name)));
        }
        assertThat(unknown).as("ids in comments that docs/rules.md does not explain").isEmpty();
    }

    @Test
    void theBookNamesOnlyClassesThatNameTheRule() {
        var wrong = new ArrayList<String>();
        for (Rule rule : book.values()) {
            look(rule, rule.kept(), product, "kept in", wrong);
            look(rule, rule.proved(), tests, "proved by", wrong);
        }
        assertThat(wrong).as("rows of docs/rules.md whose class does not name the id").isEmpty();
    }

    private static void look(
            Rule rule,
            List<String> classes,
            Map<String, String> sources,
            String how,
            List<String> wrong) {
        classes.stream()
                .filter(name -> !ids(sources.getOrDefault(name, "")).contains(rule.id()))
                .forEach(name -> wrong.add("%s %s %s".formatted(rule.id(), how, name)));
    }

    @Test
    void aRuleIsKeptInTheProductAndProvedByATestOrNeither() {
        assertThat(
                        book.values().stream()
                                .filter(r -> !r.isOfTheChecker())
                                .filter(r -> r.kept().isEmpty() != r.proved().isEmpty())
                                .map(Rule::id)
                                .toList())
                .as("rules of docs/rules.md with a place and no proof, or a proof and no place")
                .isEmpty();
        assertThat(
                        book.values().stream()
                                .filter(r -> r.isOfTheChecker() && !r.kept().isEmpty())
                                .map(Rule::id)
                                .toList())
                .as("what the checker of histories looks for is kept nowhere by itself")
                .isEmpty();
    }

    @Test
    void theBookNamesThePlacesOfEachRuleThatTheCodeKeeps() {
        var missing = new TreeSet<String>();
        missing(product, Rule::kept, missing);
        missing(tests, Rule::proved, missing);
        assertThat(missing).as("kept or proved in the code, nowhere says docs/rules.md").isEmpty();
    }

    private void missing(
            Map<String, String> sources, Function<Rule, List<String>> named, Set<String> missing) {
        sources.forEach(
                (name, text) ->
                        ids(comments(text)).stream()
                                .map(book::get)
                                .filter(r -> r != null && named.apply(r).isEmpty())
                                .forEach(r -> missing.add(r.id() + " in " + name)));
    }

    private static Map<String, Rule> book() {
        return ROW.matcher(read(ROOT.resolve("docs/rules.md")))
                .results()
                .map(
                        row ->
                                new Rule(
                                        row.group(1),
                                        row.group(2),
                                        classes(row.group(4)),
                                        classes(row.group(5))))
                .collect(
                        Collectors.toMap(
                                Rule::id,
                                r -> r,
                                (a, b) -> {
                                    throw new IllegalStateException("Two rows for " + a.id());
                                },
                                TreeMap::new));
    }

    private static List<String> classes(String cell) {
        return CLASS.matcher(cell).results().map(r -> r.group(1)).toList();
    }

    private static TreeSet<String> ids(String text) {
        return ID.matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String comments(String text) {
        return text.lines().filter(line -> line.contains("//")).collect(Collectors.joining("\n"));
    }

    private static boolean isProduct(Path file) {
        String path = ROOT.relativize(file).toString();
        return path.contains("src/main") && !path.startsWith("tests/");
    }

    /// Simple names of classes, and their sources.
    private static Map<String, String> sources(Predicate<Path> which) {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(f -> f.toString().endsWith(".java"))
                    .filter(f -> ROOT.relativize(f).toString().contains("src"))
                    .filter(f -> !f.endsWith("RulesBookTest.java"))
                    .filter(which)
                    .collect(
                            Collectors.toMap(
                                    f -> f.getFileName().toString().replace(".java", ""),
                                    RulesBookTest::read,
                                    String::concat));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("docs/hacking.md"))) {
            here = here.getParent();
        }
        return here;
    }
}
