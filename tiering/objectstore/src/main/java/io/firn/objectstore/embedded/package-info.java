/// The S3 endpoint that `firn standalone` brings along: the real protocol over a local folder.
@NullMarked
package io.firn.objectstore.embedded;

import org.jspecify.annotations.NullMarked;
