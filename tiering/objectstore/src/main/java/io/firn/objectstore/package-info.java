/// Objects in an S3 store: written once under a name that is never used again, read whole or by
/// range.
@NullMarked
package io.firn.objectstore;

import org.jspecify.annotations.NullMarked;
