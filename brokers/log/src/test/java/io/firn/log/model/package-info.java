/// Random sequences of what a disk's log can do, against a small model of what it has to keep.
@org.jspecify.annotations.NullMarked
package io.firn.log.model;
