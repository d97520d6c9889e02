package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.launcher.process.Standalone;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;

/// `standalone`'s controller is for its own roles.
@Timeout(180)
class ControllerPortTest {
    @TempDir Path temp;

    @Test
    void theControllerOfStandaloneIsOnLoopbackWhateverTheHostIs() throws Exception { // G6
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            port = free.getLocalPort();
        }
        Settings settings =
                Settings.empty()
                        .with(Setting.DATA, temp.resolve("data").toString())
                        .with(Setting.HOST, "127.0.0.2")
                        .with(Setting.KAFKA_PORT, "0")
                        .with(Setting.CATALOG_PORT, "0")
                        .with(Setting.S3_PORT, "0")
                        .with(Setting.CONTROLLER_PORT, String.valueOf(port))
                        .with(Setting.JOURNAL_BYTES, String.valueOf(32 << 20));
        try (Standalone firn = Standalone.start(settings)) {
            assertThat(firn.ready().kafka()).startsWith("127.0.0.2:");
            assertThatThrownBy(() -> new Socket("127.0.0.2", port).close())
                    .isInstanceOf(ConnectException.class);
            try (Socket own = new Socket("127.0.0.1", port)) {
                own.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
                assertThat(own.getInputStream().read())
                        .isEqualTo(-1); // who has no key hears nothing
            }
        }
    }
}
