/// What other roles run to belong to the cluster: follower, client, a broker's session.
@NullMarked
package io.firn.controller.member;

import org.jspecify.annotations.NullMarked;
