/// What a request's body costs, known before anything is made of it (G12): its layout is Kafka's
/// own message schema, so an API that is added is covered by itself.
@NullMarked
package io.firn.protocol.body;

import org.jspecify.annotations.NullMarked;
