package io.firn.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/// Lines over time as SVG, with periods shaded behind them. Brings its own background, as [Bars].
public final class Lines {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 340;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 84;
    private static final int BOTTOM = 46;
    private static final int TICKS = 5;
    private static final List<String> COLOURS =
            List.of("#2f81f7", "#d1242f", "#1a7f37", "#8250df", "#8c959f", "#d4a72c");

    /// @param x of a point, in the unit of the axis
    public record Point(double x, double y) {}

    public record Line(String name, List<Point> points) {}

    /// A period in which something else went on.
    public record Period(double from, double to) {}

    /// @param title what it shows and in which direction good lies
    /// @param note the small line below it
    /// @param xAxis what x counts, with its unit
    /// @param yAxis what y counts, with its unit
    public record Picture(
            String title,
            String note,
            String xAxis,
            String yAxis,
            List<Period> periods,
            List<Line> lines) {}

    private final Picture picture;
    private final double xFrom;
    private final double xTo;
    private final double yTo;
    private final StringBuilder out = new StringBuilder();

    private Lines(Picture picture) {
        this.picture = picture;
        this.xFrom = xs(picture).min().orElse(0);
        this.xTo = Math.max(xFrom + 1e-9, xs(picture).max().orElse(1));
        this.yTo = roundedUp(ys(picture).max().orElse(1));
    }

    public static String svg(Picture picture) {
        return new Lines(picture).draw();
    }

    private static DoubleStream xs(Picture picture) {
        return picture.lines().stream().flatMap(l -> l.points().stream()).mapToDouble(Point::x);
    }

    private static DoubleStream ys(Picture picture) {
        return picture.lines().stream().flatMap(l -> l.points().stream()).mapToDouble(Point::y);
    }

    /// The next of 1, 2, 5, 10, 20 and so on, so that ticks are round.
    static double roundedUp(double largest) {
        if (largest <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(largest)));
        for (double step : new double[] {1, 1.5, 2, 3, 5, 7.5}) {
            if (largest <= step * power) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private String draw() {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\">",
                WIDTH, HEIGHT, WIDTH, HEIGHT);
        add(
                "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\" stroke=\"#d0d7de\"/>",
                WIDTH, HEIGHT);
        text(16, 28, 17, "#1f2328", "start", picture.title());
        text(16, 48, 12, "#59636e", "start", picture.note());
        legend();
        picture.periods().forEach(this::period);
        axes();
        for (int i = 0; i < picture.lines().size(); i++) {
            line(picture.lines().get(i), colour(i));
        }
        return out.append("</svg>\n").toString();
    }

    private void legend() {
        int x = 16;
        for (int i = 0; i < picture.lines().size(); i++) {
            String name = picture.lines().get(i).name();
            add("<rect x=\"%d\" y=\"62\" width=\"14\" height=\"4\" fill=\"%s\"/>", x, colour(i));
            text(x + 20, 69, 12, "#1f2328", "start", name);
            x += 40 + 7 * name.length();
        }
    }

    private void period(Period period) {
        double from = x(Math.max(xFrom, period.from()));
        double to = x(Math.min(xTo, period.to()));
        add(
                "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#ddf4ff\"/>",
                from, TOP, Math.max(0, to - from), HEIGHT - TOP - BOTTOM);
    }

    private void axes() {
        for (int i = 0; i <= TICKS; i++) {
            double value = yTo * i / TICKS;
            double y = y(value);
            add(
                    "<path d=\"M%d %.1fH%d\" stroke=\"#d0d7de\" stroke-width=\"1\"/>",
                    LEFT, y, WIDTH - RIGHT);
            text(LEFT - 8, y + 4, 11, "#59636e", "end", number(value));
            double at = xFrom + (xTo - xFrom) * i / TICKS;
            text(x(at), HEIGHT - BOTTOM + 16, 11, "#59636e", "middle", number(at));
        }
        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, 12, "#1f2328", "middle", picture.xAxis());
        text(LEFT - 8, TOP - 6, 12, "#1f2328", "end", picture.yAxis());
    }

    private void line(Line line, String colour) {
        var path = new StringBuilder();
        for (Point point : line.points()) {
            path.append(path.isEmpty() ? 'M' : 'L')
                    .append(String.format(Locale.ROOT, "%.1f %.1f", x(point.x()), y(point.y())));
        }
        add("<path d=\"%s\" stroke=\"%s\" stroke-width=\"1.8\" fill=\"none\"/>", path, colour);
    }

    private double x(double value) {
        return LEFT + (value - xFrom) / (xTo - xFrom) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - Math.min(value, yTo) / yTo * (HEIGHT - TOP - BOTTOM);
    }

    private static String colour(int line) {
        return COLOURS.get(line % COLOURS.size());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
    }

    private void text(double x, double y, int size, String colour, String anchor, String content) {
        add(
                "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" fill=\"%s\" text-anchor=\"%s\">%s</text>",
                x, y, size, colour, anchor, content.replace("&", "&amp;").replace("<", "&lt;"));
    }

    private void add(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
