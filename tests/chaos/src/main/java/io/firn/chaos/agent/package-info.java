/// The Java agent that stops a Firn at a named point, or makes its disk fail. Knows only the JDK.
@org.jspecify.annotations.NullMarked
package io.firn.chaos.agent;
