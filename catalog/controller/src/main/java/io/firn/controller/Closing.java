package io.firn.controller;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes things one after the other; what fails is logged and does not keep the rest open.
final class Closing {
    /// One thing to close.
    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

    private final String owner;

    Closing(String owner) {
        this.owner = owner;
    }

    void step(Step step) {
        try {
            step.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("Closing {} went on after an error", owner, e);
        }
    }
}
