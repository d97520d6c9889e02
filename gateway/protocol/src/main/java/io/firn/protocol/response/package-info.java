/// Answers as bytes: of records without a copy, and of errors.
@NullMarked
package io.firn.protocol.response;

import org.jspecify.annotations.NullMarked;
