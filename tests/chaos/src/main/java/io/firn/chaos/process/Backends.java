package io.firn.chaos.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// [BackendsMain] in its process, with a [Proxy] before each of the two servers.
public final class Backends implements AutoCloseable {
    private final Process process;
    private final Path folder;
    private final String password;
    public final Proxy postgres;
    public final Proxy objects;

    private Backends(Process process, Path folder, String[] words) {
        this.process = process;
        this.folder = folder;
        this.postgres = new Proxy(Integer.parseInt(words[1]), Proxy.Refusal.POSTGRES);
        this.objects = new Proxy(Integer.parseInt(words[2]), Proxy.Refusal.HTTP);
        this.password = words[3];
    }

    public static Backends start(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<String> command = new ArrayList<>(Firn.java("-Xmx256m"));
        command.add(BackendsMain.class.getName());
        command.add(folder.toString());
        Process process =
                new ProcessBuilder(command)
                        .redirectError(folder.resolve("backends.log").toFile())
                        .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(BackendsMain.READY)) {
                return new Backends(process, folder, line.split(" "));
            }
        }
        throw new ChaosException(
                "Postgres and the object store did not start; see " + folder + "/backends.log");
    }

    public Path objectFolder() {
        return folder.resolve("objects");
    }

    /// The settings with which Firn uses them.
    public String yaml() {
        return """
        postgres: {url: "jdbc:postgresql://127.0.0.1:%d/postgres", password: "%s"}
        s3:
          endpoint: "http://127.0.0.1:%d"
          access-key: %s
          secret-key: %s
          read-access-key: %s
          read-secret-key: %s
        """
                .formatted(
                        postgres.port(),
                        password,
                        objects.port(),
                        BackendsMain.WRITES.accessKey(),
                        BackendsMain.WRITES.secretKey(),
                        BackendsMain.READS.accessKey(),
                        BackendsMain.READS.secretKey());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        postgres.close();
        objects.close();
        process.getOutputStream().close();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            process.waitFor();
            Postmaster.kill(folder);
        }
    }
}
