package io.firn.log.model;

import java.io.IOException;

/// What a step does once the model knows what may happen.
interface Effect {
    void run() throws IOException;
}
