package io.firn.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class CloseStackTest {
    private final CloseStack stack = new CloseStack("the test");
    private final List<String> closed = new ArrayList<>();

    @Test
    void whatWasOpenedLastIsClosedFirstAndAFailureKeepsNothingOpen() {
        stack.add(() -> closed.add("first"));
        stack.add(
                () -> {
                    throw new IllegalStateException("cannot close");
                });
        stack.add(() -> closed.add("last"));
        stack.close();
        stack.close();
        assertThat(closed).containsExactly("last", "first");
    }

    @Test
    void aPartThatComesUpTooLateIsClosedAtOnce() {
        stack.close();
        assertThatThrownBy(() -> stack.add(() -> closed.add("late")))
                .isInstanceOf(CloseStack.ClosedException.class);
        assertThat(closed).containsExactly("late");
    }

    @Test
    void partsAreClosedInTheOrderGivenWhateverFails() {
        CloseStack.closeAll(
                "the test",
                () -> closed.add("first"),
                () -> {
                    throw new InterruptedException();
                },
                () -> closed.add("last"));
        assertThat(closed).containsExactly("first", "last");
        assertThat(Thread.interrupted()).isTrue();
    }
}
