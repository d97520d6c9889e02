/// What a connection inside the cluster begins with: for whom it is (G6).
@NullMarked
package io.firn.protocol.preface;

import org.jspecify.annotations.NullMarked;
