package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.settings.TopicSettings;

import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// docs/operating/README.md says what there is to set, and with which default.
class OperatingPageTest {
    private static final String PAGE = "../docs/operating/README.md";

    @Test
    void everySettingOfATopicThatIsFirnsStandsOnThePageWithItsDefault() throws IOException {
        List<String> code = new ArrayList<>();
        ConfigDef definition = TopicSettings.definition();
        for (String name : new TreeSet<>(definition.names())) {
            if (name.startsWith("firn.")) {
                String value = String.valueOf(definition.configKeys().get(name).defaultValue);
                code.add("%s %s".formatted(name, value.isEmpty() ? "–" : value));
            }
        }
        List<String> page =
                rows("### Settings of a topic").stream()
                        .map(row -> (row.get(0) + " " + row.get(1)).replace("`", ""))
                        .toList();
        assertThat(page).containsExactlyInAnyOrderElementsOf(code);
    }

    @Test
    void everyOptionStandsOnThePageWithTheDefaultThatItsHelpNames() throws IOException {
        List<String> code = new ArrayList<>();
        collect("", FirnMain.commandLine(), code);
        List<String> page =
                rows("### Command line").stream()
                        .map(row -> (row.get(0) + " " + row.get(1)).replace("`", ""))
                        .filter(row -> row.contains(" --"))
                        .toList();
        assertThat(page).containsExactlyInAnyOrderElementsOf(code);
        CommandLine standalone = FirnMain.commandLine().getSubcommands().get("standalone");
        String help = standalone.getUsageMessage();
        for (List<String> row : rows("### Command line")) {
            if (row.getFirst().equals("`standalone`")) {
                assertThat(help)
                        .contains(row.get(1).replace("`", ""))
                        .contains("default: " + row.get(2).replace("`", ""));
            }
        }
    }

    private static void collect(String above, CommandLine command, List<String> into) {
        command.getSubcommands()
                .forEach(
                        (name, sub) -> {
                            String whole = (above + " " + name).strip();
                            if (sub.getCommandSpec().usageMessage().hidden()
                                    || name.equals("help")) {
                                return;
                            }
                            sub.getCommandSpec().options().stream()
                                    .filter(option -> !option.usageHelp() && !option.versionHelp())
                                    .forEach(o -> into.add(whole + " " + o.longestName()));
                            collect(whole, sub, into);
                        });
    }

    /// The cells of each row below a heading, without the table's head.
    private static List<List<String>> rows(String heading) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        boolean within = false;
        for (String line : Files.readAllLines(Path.of(PAGE))) {
            if (line.startsWith("#")) {
                within = line.equals(heading);
            } else if (within && line.startsWith("| ")) {
                List<String> cells = new ArrayList<>();
                for (String cell : line.substring(1, line.length() - 1).split("\\|", -1)) {
                    cells.add(cell.strip());
                }
                rows.add(cells);
            }
        }
        return rows.subList(1, rows.size());
    }
}
