/// The channel under the active segment, which gathers bytes and writes them past the page
/// cache (L8, L9).
@NullMarked
package io.firn.log.segment;

import org.jspecify.annotations.NullMarked;
