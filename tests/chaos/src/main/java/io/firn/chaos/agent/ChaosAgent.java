package io.firn.chaos.agent;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `-javaagent:agent.jar=PLAN`: injects what the plan says. A plan is lines of tab-separated words:
///
/// ```
/// crash  NAME  CLASS  METHOD  entry|exit
/// fail   NAME  CLASS  METHOD  MESSAGE
/// value  CLASS  METHOD  VALUE
/// arm    NAME  PASSAGE  TIMES
/// ```
///
/// `PLAN.arm` is looked at every 20 ms for more `arm` lines, so that a point can be armed while the
/// process runs.
public final class ChaosAgent {
    private static final long LOOK_MILLIS = 20;

    private final Map<String, Integer> points = new HashMap<>();
    private final List<Site> sites = new ArrayList<>();

    private ChaosAgent() {}

    /// Called by the JVM before `main`.
    public static void premain(String plan, Instrumentation jvm) throws IOException {
        ChaosAgent agent = new ChaosAgent();
        Files.readAllLines(Path.of(plan)).forEach(agent::read);
        jvm.addTransformer(new Injector(agent.sites));
        Thread.ofPlatform()
                .daemon()
                .name("chaos-arm")
                .start(() -> agent.follow(Path.of(plan + ".arm")));
    }

    private void read(String line) {
        String[] words = line.split("\t");
        switch (words[0]) {
            case "crash" ->
                    sites.add(
                            new Site.Crash(
                                    point(words[1]), words[2], words[3], words[4].equals("exit")));
            case "fail" -> sites.add(new Site.Fail(point(words[1]), words[2], words[3], words[4]));
            case "value" -> sites.add(new Site.Value(words[1], words[2], words[3]));
            case "arm" ->
                    Gate.arm(
                            point(words[1]),
                            Integer.parseInt(words[2]),
                            Integer.parseInt(words[3]));
            default -> throw new IllegalArgumentException("Not a line of a chaos plan: " + line);
        }
    }

    private int point(String name) {
        return points.computeIfAbsent(
                name,
                n -> {
                    Gate.name(points.size(), n);
                    return points.size();
                });
    }

    private void follow(Path file) {
        int done = 0;
        try {
            while (true) {
                Thread.sleep(LOOK_MILLIS);
                if (!Files.exists(file)) {
                    continue;
                }
                String text = Files.readString(file);
                List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
                for (; done < lines.size(); done++) {
                    read(lines.get(done));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            System.err.println("chaos: cannot read " + file + ": " + e);
        }
    }
}
