package io.firn.benchmarks.loads;

import io.firn.benchmarks.servers.ApacheKafka;
import io.firn.benchmarks.servers.FirnServer;
import io.firn.benchmarks.servers.Installation;
import io.firn.benchmarks.servers.ServerProcess;
import io.firn.benchmarks.servers.Subject;

import java.nio.file.Path;
import java.util.Map;

/// A server that a load may stop and start, either of the two.
sealed interface Restartable extends AutoCloseable {
    String address();

    ServerProcess process();

    /// Returns before it is ready.
    void restart();

    void awaitReady();

    @Override
    void close();

    /// @param aot where Firn keeps its AOT cache
    static Restartable start(Installation installation, Subject subject, Path folder, Path aot) {
        return subject.isFirn()
                ? new Firn(
                        new FirnServer(
                                installation.firnHome(),
                                folder,
                                installation.heap(),
                                subject.durability(),
                                Map.of("FIRN_AOT_DIR", aot.toString())))
                : new Kafka(new ApacheKafka(installation.kafkaLib(), folder, installation.heap()));
    }

    record Firn(FirnServer server) implements Restartable {
        @Override
        public String address() {
            return server.address();
        }

        @Override
        public ServerProcess process() {
            return server.process();
        }

        @Override
        public void restart() {
            server.restart();
        }

        @Override
        public void awaitReady() {
            server.awaitReady();
        }

        @Override
        public void close() {
            server.close();
        }
    }

    record Kafka(ApacheKafka server) implements Restartable {
        @Override
        public String address() {
            return server.address();
        }

        @Override
        public ServerProcess process() {
            return server.process();
        }

        @Override
        public void restart() {
            server.restart();
        }

        @Override
        public void awaitReady() {
            server.awaitListening();
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
