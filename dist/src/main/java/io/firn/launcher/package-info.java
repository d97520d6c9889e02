/// The `firn` command. From the bottom up: `settings`, the data `folder`, `health`, the `process`
/// that is put together from them, and the `command`s that start one.
@NullMarked
package io.firn.launcher;

import org.jspecify.annotations.NullMarked;
