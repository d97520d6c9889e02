/// How logs leave their disk: deletions (L6), and strays, which are kept for a while (L14).
@NullMarked
package io.firn.log.removal;

import org.jspecify.annotations.NullMarked;
