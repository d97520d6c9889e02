package io.firn.gateway.upstream;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/// Finds brokers' addresses on a thread that may wait: a name server that does not answer would
/// otherwise hold all clients of an event loop up.
final class HostResolver extends InetNameResolver {
    static final AddressResolverGroup<InetSocketAddress> GROUP =
            new AddressResolverGroup<>() {
                @Override
                protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
                    return new HostResolver(executor).asAddressResolver();
                }
            };

    private HostResolver(EventExecutor executor) {
        super(executor);
    }

    @Override
    protected void doResolve(String host, Promise<InetAddress> promise) throws Exception {
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            promise.trySuccess(InetAddress.getByName(host)); // nobody has to be asked
            return;
        }
        Thread.startVirtualThread(
                () -> {
                    try {
                        promise.trySuccess(InetAddress.getByName(host));
                    } catch (UnknownHostException e) {
                        promise.tryFailure(e);
                    }
                });
    }

    @Override
    protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
        Thread.startVirtualThread(
                () -> {
                    try {
                        promise.trySuccess(Arrays.asList(InetAddress.getAllByName(host)));
                    } catch (UnknownHostException e) {
                        promise.tryFailure(e);
                    }
                });
    }
}
