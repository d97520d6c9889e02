"""Produces Avro and plain records, waits until they are in the topic's Iceberg table, reads the table with PyIceberg and
DuckDB through the REST catalog and S3 with vended keys, and compares every row with what was produced."""
import argparse
import json

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from pyiceberg.catalog import load_catalog

from lake import duck, wait_for_rows

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("kafka")
parser.add_argument("catalog")
parser.add_argument("--produce-only", action="store_true", help="stop when all rows are in the tables: another engine reads them")
arguments = parser.parse_args()
kafka, catalog_url = arguments.kafka, arguments.catalog
ROWS = 5000
SCHEMA = json.dumps({"type": "record", "name": "Order", "fields": [
    {"name": "id", "type": "long"}, {"name": "price", "type": "double"}, {"name": "city", "type": ["null", "string"]},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}}, {"name": "paid", "type": "boolean"},
    {"name": "tags", "type": {"type": "array", "items": "string"}}]})


def order(i):
    return {"id": i, "price": i / 4, "city": None if i % 3 == 0 else f"Zürich {i % 7}", "at": 1_700_000_000_000_000 + i,
            "paid": i % 2 == 0, "tags": ["a"] * (i % 3)}


def produce():
    admin = AdminClient({"bootstrap.servers": kafka})
    config = {"firn.table.freshness.ms": "3000"}
    for future in admin.create_topics([NewTopic(t, 2, config=config) for t in ("engine-orders", "engine-raw")]).values():
        future.result(30)
    serialize = AvroSerializer(SchemaRegistryClient({"url": f"{catalog_url}/registry"}), SCHEMA,
                               conf={"auto.register.schemas": True}, to_dict=None)
    context = SerializationContext("engine-orders", MessageField.VALUE)
    from fastavro.schema import parse_schema  # noqa: F401  (the serializer needs fastavro)
    producer = Producer({"bootstrap.servers": kafka, "compression.type": "zstd", "linger.ms": 20})
    for i in range(ROWS):
        value = dict(order(i))
        import datetime
        value["at"] = datetime.datetime.fromtimestamp(value["at"] / 1e6, datetime.timezone.utc)
        producer.produce("engine-orders", key=str(i), value=serialize(value, context), partition=i % 2)
        producer.produce("engine-raw", key=None if i % 5 == 0 else f"k{i}", value=None if i % 7 == 0 else f'{{"n": {i}}}',
                         headers=[("h", b"x"), ("h", None)], partition=i % 2)
        producer.poll(0)
    assert producer.flush(60) == 0


produce()
catalog = load_catalog("firn", type="rest", uri=f"{catalog_url}/iceberg")
orders = wait_for_rows(catalog, "public.engine_orders", ROWS)
raw = wait_for_rows(catalog, "public.engine_raw", ROWS)
assert ("public",) in catalog.list_namespaces(), catalog.list_namespaces()
if arguments.produce_only:
    raise SystemExit(0)

rows = sorted(orders.scan().to_arrow().to_pylist(), key=lambda r: r["id"])
assert len(rows) == ROWS, len(rows)
for i, row in enumerate(rows):
    want = order(i)
    at = row["at"]
    got = {**{k: row[k] for k in ("id", "price", "city", "paid", "tags")}, "at": round(at.timestamp() * 1e6)}
    assert got == want, (got, want)
    assert row["_kafka_partition"] == i % 2 and row["_kafka_key"] == str(i).encode() and row["_kafka_value_kind"] == 1, row
    assert row["_kafka_offset"] == i // 2, row
print("PyIceberg: engine_orders equal in", ROWS, "rows")

rows = sorted(raw.scan().to_arrow().to_pylist(), key=lambda r: r["_kafka_offset"] * 2 + r["_kafka_partition"])
assert len(rows) == ROWS
for i, row in enumerate(rows):
    assert row["_kafka_key"] == (None if i % 5 == 0 else f"k{i}".encode()), row
    assert row["_kafka_value_raw"] == (None if i % 7 == 0 else f'{{"n": {i}}}'.encode()), row
    assert row["_kafka_headers"] == [{"key": "h", "value": b"x"}, {"key": "h", "value": None}], row
print("PyIceberg: engine_raw equal in", ROWS, "rows")

con = duck(catalog_url)
count, distinct, total, paid = con.execute(
    "SELECT count(*), count(DISTINCT id), sum(price), count(*) FILTER (paid) FROM lake.public.engine_orders").fetchone()
assert (count, distinct, total, paid) == (ROWS, ROWS, sum(i / 4 for i in range(ROWS)), (ROWS + 1) // 2), (count, distinct, total, paid)
ids = con.execute('SELECT id, city, len(tags), _kafka_offset FROM lake.public.engine_orders ORDER BY id').fetchall()
assert ids == [(i, order(i)["city"], i % 3, i // 2) for i in range(ROWS)]
assert con.execute("SELECT count(*), count(_kafka_value_raw) FROM lake.public.engine_raw").fetchone() == \
    (ROWS, sum(1 for i in range(ROWS) if i % 7))
print("DuckDB: both tables equal")
