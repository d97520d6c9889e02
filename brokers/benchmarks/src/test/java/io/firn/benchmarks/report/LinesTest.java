package io.firn.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.benchmarks.report.Lines.Line;
import io.firn.benchmarks.report.Lines.Period;
import io.firn.benchmarks.report.Lines.Picture;
import io.firn.benchmarks.report.Lines.Point;

import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

import java.io.StringReader;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

class LinesTest {
    @Test
    void aPictureIsWellFormedAndHasEveryLineAndPeriod() throws Exception {
        String svg =
                Lines.svg(
                        new Picture(
                                "a < b & c",
                                "note",
                                "seconds",
                                "ms",
                                List.of(new Period(1, 2), new Period(3, 9)),
                                List.of(
                                        new Line("p99", List.of(new Point(0, 3), new Point(4, 7))),
                                        new Line("p50", List.of(new Point(0, 1))))));
        var document =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(svg)));
        assertThat(svg).contains("a &lt; b &amp; c").contains(">p99<").contains(">p50<");
        assertThat(svg.split("#ddf4ff", -1)).hasSize(3);
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    }

    @Test
    void aScaleEndsAtARoundFigure() {
        assertThat(Lines.roundedUp(0)).isEqualTo(1);
        assertThat(Lines.roundedUp(7.2)).isEqualTo(7.5);
        assertThat(Lines.roundedUp(120)).isEqualTo(150);
        assertThat(Lines.roundedUp(0.9)).isEqualTo(1);
    }
}
