package io.firn.launcher.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

class MetricsServerTest {
    private static final int MORE = 20;

    @Test
    void whoOpensManyConnectionsGetsFewAndOthersAreAnsweredAfterwards() throws Exception { // G7
        Health health = new Health();
        health.started();
        try (MetricsServer server = MetricsServer.start("127.0.0.1", 0, () -> "", health)) {
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < MetricsServer.MOST_CONNECTIONS + MORE; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                socket.getOutputStream().write("GET /hea".getBytes()); // and stops half-way
                open.add(socket);
            }
            int closed = 0;
            for (Socket socket : open) {
                closed += isClosed(socket) ? 1 : 0;
            }
            assertThat(closed).isGreaterThanOrEqualTo(MORE);
            for (Socket socket : open) {
                socket.close();
            }
            assertThat(answersAgain(server.port())).isTrue();
        }
    }

    private static boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(20);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException waits) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static boolean answersAgain(int port) throws InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest health =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/health".formatted(port)))
                            .build();
            for (int attempt = 0; attempt < 100; attempt++) {
                try {
                    return client.send(health, HttpResponse.BodyHandlers.ofString()).statusCode()
                            == 200;
                } catch (IOException notYet) {
                    Thread.sleep(100);
                }
            }
            return false;
        }
    }
}
