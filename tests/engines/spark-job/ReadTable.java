import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Reads firn.public.engine_orders as read_table.py produced it and compares types, every row and an aggregate. */
public final class ReadTable {
    private static final int ROWS = 5000; // as in read_table.py
    private static final Map<String, String> TYPES =
            Map.of("id", "bigint", "price", "double", "city", "string", "at", "timestamp", "paid", "boolean",
                    "tags", "array<string>", "_kafka_partition", "int", "_kafka_offset", "bigint",
                    "_kafka_key", "binary", "_kafka_headers", "array<struct<key:string,value:binary>>");

    public static void main(String[] args) throws Exception {
        try (SparkSession spark = session(args[0])) {
            var types = new TreeMap<String, String>();
            for (var field : spark.table("firn.public.engine_orders").schema().fields()) {
                types.put(field.name(), field.dataType().catalogString());
            }
            types.keySet().retainAll(TYPES.keySet());
            same("types", types, new TreeMap<>(TYPES));

            List<Row> rows = spark.sql("""
                    SELECT id, price, city, unix_micros(at), paid, size(tags), array_join(tags, ''), _kafka_partition,
                           _kafka_offset, decode(_kafka_key, 'UTF-8')
                    FROM firn.public.engine_orders ORDER BY id""").collectAsList();
            same("rows", rows.size(), ROWS);
            for (int i = 0; i < ROWS; i++) {
                same("row " + i, rows.get(i).mkString("|"), String.join("|", "" + i, "" + i / 4.0,
                        i % 3 == 0 ? "null" : "Zürich " + i % 7, "" + (1_700_000_000_000_000L + i), "" + (i % 2 == 0),
                        "" + i % 3, "a".repeat(i % 3), "" + i % 2, "" + i / 2, "" + i));
            }

            String sums = String.join("|", spark.sql("""
                    SELECT _kafka_partition, count(*), count(DISTINCT id), count(city), sum(price), max(_kafka_offset)
                    FROM firn.public.engine_orders WHERE paid = (_kafka_partition = 0)
                    GROUP BY _kafka_partition ORDER BY _kafka_partition""")
                    .collectAsList().stream().map(r -> r.mkString(",")).toList());
            same("aggregate", sums, expected(0) + "|" + expected(1));
            System.out.println("Spark " + spark.version() + ": types, " + ROWS + " rows and aggregate equal: " + sums);
        }
    }

    private static String expected(int partition) {
        var ids = IntStream.range(0, ROWS).filter(i -> i % 2 == partition).toArray();
        return partition + "," + ids.length + "," + ids.length + ","
                + IntStream.of(ids).filter(i -> i % 3 != 0).count() + ","
                + IntStream.of(ids).mapToDouble(i -> i / 4.0).sum() + "," + (ids.length - 1);
    }

    private static void same(String what, Object got, Object want) {
        if (!got.equals(want)) {
            throw new IllegalStateException(what + " differ:\n  got  " + got + "\n  want " + want);
        }
    }

    private static SparkSession session(String catalog) {
        return SparkSession.builder().master("local[2]").appName("firn-engine-check")
                .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
                .config("spark.sql.catalog.firn", "org.apache.iceberg.spark.SparkCatalog")
                .config("spark.sql.catalog.firn.type", "rest")
                .config("spark.sql.catalog.firn.uri", catalog + "/iceberg")
                .config("spark.sql.catalog.firn.header.X-Iceberg-Access-Delegation", "vended-credentials")
                .config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "2")
                .config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1").getOrCreate();
    }
}
