/// A log directory: who owns it, what the manifest says of it, and what becomes of folders
/// (L12, L14, L15).
@NullMarked
package io.firn.log.directory;

import org.jspecify.annotations.NullMarked;
