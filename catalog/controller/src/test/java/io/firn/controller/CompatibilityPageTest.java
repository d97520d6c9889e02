package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.settings.SettingSupport;
import io.firn.controller.settings.SettingSupport.Fixed;
import io.firn.controller.settings.SettingSupport.Support;
import io.firn.controller.settings.SettingSupport.Works;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// D7: what docs/compatibility.md says of settings is what the controller does with them, setting
/// by setting: one that Kafka gets with an upgrade and the page does not know fails here.
class CompatibilityPageTest {
    private static final List<String> PAGE = page();

    @Test
    void everyTopicSettingStandsOnThePageWithWhatBecomesOfIt() {
        assertThat(table("Topic settings")).isEqualTo(inWords(SettingSupport.ofTopics()));
    }

    @Test
    void everyGroupSettingStandsOnThePageWithWhatBecomesOfIt() {
        assertThat(table("Group settings")).isEqualTo(inWords(SettingSupport.ofGroups()));
    }

    @Test
    void everyClusterSettingStandsOnThePageWithWhatBecomesOfIt() {
        assertThat(table("Cluster settings")).isEqualTo(inWords(SettingSupport.ofCluster()));
    }

    private static Map<String, String> inWords(Map<String, Support> settings) {
        Map<String, String> words = new TreeMap<>();
        settings.forEach((name, support) -> words.put("`" + name + "`", inWords(support)));
        return words;
    }

    private static String inWords(Support support) {
        return switch (support) {
            case Works works -> "works";
            case Fixed fixed ->
                    fixed.values().stream()
                            .map(value -> value.isEmpty() ? "the empty value" : "`" + value + "`")
                            .collect(Collectors.joining(" or ", "only ", ""));
        };
    }

    /// Setting to what becomes of it.
    private static Map<String, String> table(String heading) {
        List<String[]> rows = new ArrayList<>();
        boolean within = false;
        for (String line : PAGE) {
            if (line.startsWith("## ")) {
                within = line.equals("## " + heading);
            } else if (within && line.startsWith("| `")) {
                rows.add(line.substring(2).split(" \\| ", -1));
            }
        }
        Map<String, String> table = new TreeMap<>();
        rows.forEach(row -> table.put(row[0], row[1]));
        assertThat(table).as("names of %s", heading).hasSameSizeAs(rows);
        return table;
    }

    private static List<String> page() {
        try {
            return Files.readAllLines(Path.of("../../docs/compatibility.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
