/// The cluster at one moment, as every role of a process sees it.
@NullMarked
package io.firn.controller.image;

import org.jspecify.annotations.NullMarked;
