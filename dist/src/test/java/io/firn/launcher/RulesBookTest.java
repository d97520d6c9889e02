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
import java.util.TreeMap;
import java.util.TreeSet;
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
    private record Rule(String id, String text, List<String> kept, List<String> proved) {}

    private final Map<String, Rule> book = book();
    private final Map<String, String> sources = sources();

    @Test
    void eachIdInTheCodeIsInTheBook() {
        var unknown = new TreeMap<String, TreeSet<String>>();
        sources.forEach(
                (name, text) ->
                        ids(comments(text)).stream()
                                .filter(id -> !book.containsKey(id))
                                .forEach(
                                        id ->
                                                unknown.computeIfAbsent(id, i -> new TreeSet<>())
                                                        .add(name)));
        assertThat(unknown).as("ids in comments that docs/rules.md does not explain").isEmpty();
    }

    @Test
    void theBookNamesOnlyClassesThatNameTheRule() {
        var wrong = new ArrayList<String>();
        for (Rule rule : book.values()) {
            Stream.concat(rule.kept().stream(), rule.proved().stream())
                    .filter(name -> !ids(sources.getOrDefault(name, "")).contains(rule.id()))
                    .forEach(name -> wrong.add(rule.id() + " in " + name));
        }
        assertThat(wrong).as("rows of docs/rules.md whose class does not name the id").isEmpty();
    }

    @Test
    void eachRuleThatIsKeptIsProved() {
        assertThat(
                        book.values().stream()
                                .filter(r -> !r.kept().isEmpty() && r.proved().isEmpty())
                                .map(Rule::id)
                                .toList())
                .as("rules of docs/rules.md with code and without a test")
                .isEmpty();
    }

    @Test
    void theBookNamesThePlacesOfEachRuleThatTheCodeKeeps() {
        var missing = new TreeSet<String>();
        sources.forEach(
                (name, text) -> {
                    ids(comments(text)).stream()
                            .map(book::get)
                            .filter(r -> r != null && r.kept().isEmpty() && r.proved().isEmpty())
                            .forEach(r -> missing.add(r.id() + " in " + name));
                });
        assertThat(missing).as("kept in the code, nowhere says docs/rules.md").isEmpty();
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

    /// Simple names of all classes of Firn, and their sources.
    private static Map<String, String> sources() {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(f -> f.toString().endsWith(".java"))
                    .filter(f -> ROOT.relativize(f).toString().contains("src"))
                    .filter(f -> !f.endsWith("RulesBookTest.java"))
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
