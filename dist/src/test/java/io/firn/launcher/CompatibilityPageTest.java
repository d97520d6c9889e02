package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.launcher.settings.Role;
import io.firn.launcher.settings.Setting;
import io.firn.protocol.SupportedApi;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// D7: docs/compatibility.md lists what is served, and which process reads which setting. The
/// settings of topics and groups are checked in `catalog/controller`.
class CompatibilityPageTest {
    private static final List<String> PAGE = page();

    @Test
    void everyApiStandsOnThePageWithItsVersions() {
        List<String> rows = new ArrayList<>();
        for (List<String> row : table("APIs")) {
            if (row.size() == 3) { // the other table there is of what is not served
                rows.add(row.get(0) + " " + row.get(1));
            }
        }
        List<String> served = new ArrayList<>();
        for (SupportedApi api : SupportedApi.values()) {
            served.add("%s %d–%d".formatted(api.key().name, api.minVersion(), api.maxVersion()));
        }
        assertThat(rows.subList(1, rows.size())).containsExactlyElementsOf(served);
    }

    @Test
    void everySettingStandsOnThePageWithTheRolesThatReadIt() {
        List<List<String>> page = table("firn.yaml");
        List<List<String>> code = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("Setting"));
        for (Role role : Role.values()) {
            head.add(role.label());
        }
        code.add(head);
        for (Setting setting : Setting.values()) {
            List<String> row = new ArrayList<>(List.of("`" + setting.key() + "`"));
            for (Role role : Role.values()) {
                row.add(role.settings().contains(setting) ? "yes" : "");
            }
            code.add(row);
        }
        assertThat(page).containsExactlyElementsOf(code);
    }

    @Test
    void everySettingHasAReader() {
        for (Setting setting : Setting.values()) {
            assertThat(Role.readersOf(setting)).as(setting.key()).isNotEmpty();
        }
    }

    /// The cells of each row below a heading, the head of the table too.
    private static List<List<String>> table(String heading) {
        List<List<String>> rows = new ArrayList<>();
        boolean within = false;
        for (String line : PAGE) {
            if (line.startsWith("## ")) {
                within = line.equals("## " + heading);
            } else if (within && line.startsWith("| ")) {
                List<String> cells = new ArrayList<>();
                for (String cell : line.substring(1, line.length() - 1).split("\\|", -1)) {
                    cells.add(cell.strip());
                }
                rows.add(cells);
            }
        }
        return rows;
    }

    private static List<String> page() {
        try {
            return Files.readAllLines(Path.of("../docs/compatibility.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
