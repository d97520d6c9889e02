package io.firn.log.model;

import java.io.IOException;

/// What a step does once the model knows what may happen.
interface Deed {
    void run() throws IOException;
}
