package io.firn.demo;

import java.io.PrintStream;

/// What the demo shows: headings, lines and a progress bar that redraws itself on a terminal.
final class Screen {
    private static final int WIDTH = 32;

    private final PrintStream out;
    private final boolean terminal = System.console() != null;
    private long lastDrawn;

    Screen(PrintStream out) {
        this.out = out;
    }

    void heading(String text) {
        out.println();
        out.println(text);
    }

    void line(String format, Object... values) {
        out.println("  " + format.formatted(values));
    }

    void progress(String what, long done, long total, double seconds) {
        long now = System.nanoTime();
        if (done < total && now - lastDrawn < 200_000_000L) {
            return;
        }
        lastDrawn = now;
        if (!terminal && done < total) {
            return;
        }
        int filled = (int) (WIDTH * done / Math.max(1, total));
        out.printf(
                "%s  %-14s [%s%s] %,9d of %,d  %,.0f records/s%s",
                terminal ? "\r" : "",
                what,
                "#".repeat(filled),
                ".".repeat(WIDTH - filled),
                done,
                total,
                done / Math.max(seconds, 0.001),
                done < total ? "" : "\n");
        out.flush();
    }
}
