/// What a gateway answers by itself, from its image of the cluster.
@NullMarked
package io.firn.gateway.answer;

import org.jspecify.annotations.NullMarked;
