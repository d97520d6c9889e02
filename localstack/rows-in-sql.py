"""A topic whose records are rows in seconds: makes it, produces a thousand records, asks its Iceberg table in SQL.

Needs a running `./firn standalone` and `pip install confluent-kafka 'pyiceberg[pyarrow]' duckdb`.
"""
import sys
import time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import NoSuchTableError

kafka = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:9092"
catalog_url = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8080"
topic = f"readings-{int(time.time())}"  # one a run; its table has _ for -

# Five minutes would be the default; a fresher table costs more and smaller files, which compaction joins later.
admin = AdminClient({"bootstrap.servers": kafka})
admin.create_topics([NewTopic(topic, 1, config={"firn.table.freshness.ms": "5000"})])[topic].result(30)

producer = Producer({"bootstrap.servers": kafka})
for i in range(1000):
    producer.produce(topic, key=f"sensor-{i % 7}", value=f"{20 + i % 13}")
assert producer.flush(30) == 0, "not everything was acknowledged"
print("1000 records acknowledged; waiting for their rows")

catalog = load_catalog("firn", type="rest", uri=f"{catalog_url}/iceberg")
started = time.monotonic()
rows = 0
while rows < 1000 and time.monotonic() - started < 60:
    time.sleep(1)
    try:
        scan = catalog.load_table(f"public.{topic.replace('-', '_')}").scan()
    except NoSuchTableError:
        continue
    rows = scan.count()
print(f"{rows} rows after {time.monotonic() - started:.0f} s")
if rows != 1000:
    sys.exit(f"the table has {rows} rows, not 1000")
duckdb = scan.to_duckdb("readings")
print(duckdb.sql("""
    select _kafka_key::varchar as sensor, count(*) as records, avg(_kafka_value_raw::varchar::int) as average
    from readings group by all order by all"""))
