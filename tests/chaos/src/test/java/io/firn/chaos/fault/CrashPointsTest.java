package io.firn.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.util.List;

/// A crash point whose method was renamed would never be passed: it has to be visible at once.
class CrashPointsTest {
    static List<CrashPoint> points() {
        return CrashPoints.all();
    }

    @ParameterizedTest
    @MethodSource("points")
    void everyPointIsInTheCode(CrashPoint point) throws IOException {
        assertThat(methods(point.className())).contains(point.method());
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyFaultIsInTheCode(Fault fault) throws IOException {
        assertThat(methods(fault.className)).contains(fault.method);
    }

    @Test
    void namesAreUnique() {
        assertThat(points()).extracting(CrashPoint::name).doesNotHaveDuplicates();
    }

    private static List<String> methods(String className) throws IOException {
        String resource = "/" + className.replace('.', '/') + ".class";
        try (InputStream in = CrashPointsTest.class.getResourceAsStream(resource)) {
            assertThat(in).as("class %s", className).isNotNull();
            ClassModel model = ClassFile.of().parse(in.readAllBytes());
            return model.methods().stream()
                    .filter(m -> m.code().isPresent())
                    .map(m -> m.methodName().stringValue())
                    .toList();
        }
    }
}
