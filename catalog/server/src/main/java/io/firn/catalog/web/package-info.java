/// The HTTP doors: thin Micronaut controllers over what the other packages do.
@org.jspecify.annotations.NullMarked
package io.firn.catalog.web;
