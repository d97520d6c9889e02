/// What a controller is asked, and what it refuses.
@NullMarked
package io.firn.controller.request;

import org.jspecify.annotations.NullMarked;
