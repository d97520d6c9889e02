package io.firn.broker.group;

import io.firn.protocol.TenantNames;
import io.firn.protocol.preface.Caller;

import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

import java.net.InetAddress;

/// One group request with who sent it.
record GroupCall(RequestHeader header, AbstractRequest body, Caller caller, String connectionId) {
    short version() {
        return header.apiVersion();
    }

    GroupNames names() {
        return new GroupNames(new TenantNames(caller.tenant()));
    }

    /// The caller as the coordinator remembers it in the group's members.
    AuthorizableRequestContext context() {
        return new RequestContext(
                header,
                connectionId,
                address(caller.clientHost()),
                principal(caller.principal()),
                new ListenerName(caller.listener()),
                SecurityProtocol.PLAINTEXT,
                ClientInformation.EMPTY,
                false);
    }

    private static KafkaPrincipal principal(String text) {
        int colon = text.indexOf(':');
        return colon > 0
                ? new KafkaPrincipal(text.substring(0, colon), text.substring(colon + 1))
                : KafkaPrincipal.ANONYMOUS;
    }

    /// Never asks a name service: this runs on an event loop.
    private static InetAddress address(String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            return InetAddress.getLoopbackAddress();
        }
    }
}
