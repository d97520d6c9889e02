package io.firn.launcher.health;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What `/health` of a process says (D11): each part's own word, and the worst of them. A part that
/// has a reason against it is DOWN; a server elsewhere, without which the process does its main job
/// all the same (C11), makes it DEGRADED. Thread safe.
public final class Health {
    public enum State {
        UP,
        DEGRADED,
        DOWN
    }

    private record Check(State without, Supplier<Optional<String>> trouble) {}

    private final Map<String, Check> checks = new LinkedHashMap<>();
    private boolean started;
    private boolean stopping;

    /// @param trouble why the part cannot do its work, in words; empty while it can. Quick, and
    /// never blocks
    public synchronized void needs(String part, Supplier<Optional<String>> trouble) {
        checks.put(part, new Check(State.DOWN, trouble));
    }

    /// A part that the process can be without for a while.
    ///
    /// @param trouble may take a moment
    public synchronized void wants(String part, Supplier<Optional<String>> trouble) {
        checks.put(part, new Check(State.DEGRADED, trouble));
    }

    /// Everything is up; before that the process is DOWN.
    public synchronized void started() {
        started = true;
    }

    /// The process takes its leave: DOWN from here on, while it still finishes its work.
    public synchronized void stopping() {
        stopping = true;
    }

    /// As of now.
    public Report look() {
        Map<String, Check> all;
        Map<String, String> troubles = new LinkedHashMap<>();
        State state = State.UP;
        boolean ready;
        synchronized (this) {
            all = new LinkedHashMap<>(checks);
            ready = started && !stopping;
            if (!ready) {
                troubles.put("process", stopping ? "it is stopping" : "it is starting");
            }
        }
        Map<String, State> parts = new LinkedHashMap<>();
        for (var entry : all.entrySet()) {
            Optional<String> trouble = entry.getValue().trouble().get();
            State part = trouble.isPresent() ? entry.getValue().without() : State.UP;
            trouble.ifPresent(why -> troubles.put(entry.getKey(), why));
            parts.put(entry.getKey(), part);
            state = part.compareTo(state) > 0 ? part : state;
        }
        if (!ready) {
            parts.put("process", State.DOWN);
            state = State.DOWN;
        }
        return new Report(state, parts, troubles);
    }

    /// @param troubles by part; a part without one is well
    record Report(State state, Map<String, State> parts, Map<String, String> troubles) {
        /// 503 when a load balancer should send nobody here.
        int httpStatus() {
            return state == State.DOWN ? 503 : 200;
        }

        String json() {
            StringBuilder out = new StringBuilder("{\"status\":\"").append(state).append('"');
            parts.forEach(
                    (part, its) ->
                            out.append(",\"").append(part).append("\":\"").append(its).append('"'));
            if (!troubles.isEmpty()) {
                out.append(",\"why\":{");
                String comma = "";
                for (var trouble : troubles.entrySet()) {
                    out.append(comma).append(quoted(trouble.getKey())).append(':');
                    out.append(quoted(trouble.getValue()));
                    comma = ",";
                }
                out.append('}');
            }
            return out.append('}').toString();
        }

        private static String quoted(String text) {
            StringBuilder out = new StringBuilder("\"");
            for (char c : text.toCharArray()) {
                if (c == '"' || c == '\\') {
                    out.append('\\').append(c);
                } else if (c < ' ') {
                    out.append("\\u%04x".formatted((int) c));
                } else {
                    out.append(c);
                }
            }
            return out.append('"').toString();
        }
    }
}
