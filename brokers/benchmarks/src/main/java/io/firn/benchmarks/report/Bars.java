package io.firn.benchmarks.report;

import java.util.List;
import java.util.Locale;

/// Horizontal bars as SVG: each as long as its median, with a line from its smallest to its largest
/// figure. Colours are readable on a light and on a dark page, since the picture brings its own
/// background.
final class Bars {
    private static final int WIDTH = 900;
    private static final int LABEL = 265;
    private static final int VALUE = 150;
    private static final int BAR = 16;
    private static final int STEP = 22;
    private static final int GROUP = 34;
    private static final int TOP = 62;

    /// One bar.
    record Bar(String label, Spread spread, String text, String colour) {}

    /// Bars that belong together and share a scale.
    record Group(String title, List<Bar> bars) {}

    private Bars() {}

    /// @param title what all bars show, and in which direction good lies
    /// @param note the small line below it
    static String svg(String title, String note, List<Group> groups) {
        int height = TOP + 16;
        for (Group group : groups) {
            height += GROUP + group.bars().size() * STEP;
        }
        var out = new StringBuilder();
        out.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\">%n"
                        .formatted(WIDTH, height, WIDTH, height));
        out.append(
                "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\" stroke=\"#d0d7de\"/>%n"
                        .formatted(WIDTH, height));
        text(out, 16, 28, 17, "#1f2328", "start", title, true);
        text(out, 16, 48, 12, "#59636e", "start", note, false);
        int y = TOP;
        for (Group group : groups) {
            y += GROUP - 10;
            text(out, 16, y, 13, "#1f2328", "start", group.title(), true);
            y += 8;
            double scale = scale(group);
            for (Bar bar : group.bars()) {
                bar(out, bar, y, scale);
                y += STEP;
            }
            y += 2;
        }
        return out.append("</svg>\n").toString();
    }

    private static double scale(Group group) {
        double largest = group.bars().stream().mapToDouble(b -> b.spread().max()).max().orElse(1);
        return largest <= 0 ? 1 : (WIDTH - LABEL - VALUE) / largest;
    }

    private static void bar(StringBuilder out, Bar bar, int y, double scale) {
        Spread s = bar.spread();
        text(out, LABEL - 8, y + 13, 12, "#1f2328", "end", bar.label(), false);
        out.append(
                String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>%n",
                        LABEL,
                        y,
                        Math.max(1, s.median() * scale),
                        BAR,
                        bar.colour()));
        double from = LABEL + s.min() * scale;
        double to = LABEL + s.max() * scale;
        int middle = y + BAR / 2;
        out.append(
                String.format(
                        Locale.ROOT,
                        "<path d=\"M%.1f %dH%.1fM%.1f %dv6M%.1f %dv6\" stroke=\"#1f2328\" stroke-width=\"1.5\" fill=\"none\"/>%n",
                        from,
                        middle,
                        to,
                        from,
                        middle - 3,
                        to,
                        middle - 3));
        text(
                out,
                (int) Math.max(to, LABEL + s.median() * scale) + 8,
                y + 13,
                12,
                "#1f2328",
                "start",
                bar.text(),
                false);
    }

    private static void text(
            StringBuilder out,
            int x,
            int y,
            int size,
            String colour,
            String anchor,
            String content,
            boolean bold) {
        out.append(
                "<text x=\"%d\" y=\"%d\" font-size=\"%d\" fill=\"%s\" text-anchor=\"%s\"%s>%s</text>%n"
                        .formatted(
                                x,
                                y,
                                size,
                                colour,
                                anchor,
                                bold ? " font-weight=\"600\"" : "",
                                escaped(content)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
