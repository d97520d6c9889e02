/// What must hold before a local copy may go (C4), also after a restored catalog (C16).
@NullMarked
package io.firn.tiering.cold.release;

import org.jspecify.annotations.NullMarked;
