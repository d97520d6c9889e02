/// `firn.yaml`: every setting, who reads it, and what is wrong with it, in words.
@NullMarked
package io.firn.launcher.settings;

import org.jspecify.annotations.NullMarked;
