"""Records of Go's hamba/avro (hamba/main.go): every array and map comes in blocks with their size. Waits until they are in the
topic's table and compares each column with what was produced, through PyIceberg and DuckDB."""
import datetime
import decimal
import pathlib
import subprocess
import sys

from confluent_kafka.admin import AdminClient, NewTopic
from pyiceberg.catalog import load_catalog

here = pathlib.Path(__file__).parent
sys.path.append(str(here.parent / "engines"))
from lake import duck, wait_for_rows  # noqa: E402

kafka, catalog_url, program = sys.argv[1:4]
ROWS = 1000


def order(i):  # rowOf of hamba/main.go
    return {"id": i, "city": None if i % 3 == 0 else f"Zürich {i % 7}", "price": decimal.Decimal(i - 50) / 100,
            "at": datetime.datetime.fromtimestamp(0, datetime.timezone.utc) + datetime.timedelta(milliseconds=1_700_000_000_000 + i),
            "tags": [f"t{k}" for k in range(i % 260)], "attrs": {f"k{k}": i * k for k in range(i % 4)},
            "lines": [{"sku": f"sku-{k}", "sizes": [n - 1 for n in range(k)]} for k in range(i % 5)]}


admin = AdminClient({"bootstrap.servers": kafka})
for future in admin.create_topics([NewTopic("hamba-orders", 1, config={"firn.table.freshness.ms": "3000"})]).values():
    future.result(30)
subprocess.run([program, kafka, f"{catalog_url}/registry", "hamba-orders", str(ROWS)], check=True)

catalog = load_catalog("firn", type="rest", uri=f"{catalog_url}/iceberg")
table = wait_for_rows(catalog, "public.hamba_orders", ROWS)
rows = sorted(table.scan().to_arrow().to_pylist(), key=lambda r: r["id"])
assert len(rows) == ROWS, len(rows)
kinds = set()
for i, row in enumerate(rows):
    got = {key: row[key] for key in order(i)}
    got["attrs"] = dict(got["attrs"])
    assert got == order(i), (got, order(i))
    kinds.add(row["_kafka_value_kind"])
    assert row["_kafka_value_raw"] is None, row
assert kinds == {1, 5}, kinds  # 5: typed in sized blocks; 1: without any array or map
print("PyIceberg:", ROWS, "rows equal in every column")

con = duck(catalog_url)
tags, attrs, sizes, price, cities = con.execute(
    "SELECT sum(len(tags)), sum(cardinality(attrs)), sum(list_sum(list_transform(lines, l -> len(l.sizes)))), sum(price), "
    "count(*) FILTER (city = 'Zürich 1' AND list_contains(tags, 't0')) FROM lake.public.hamba_orders").fetchone()
orders = [order(i) for i in range(ROWS)]
assert tags == sum(len(o["tags"]) for o in orders), tags
assert attrs == sum(len(o["attrs"]) for o in orders), attrs
assert sizes == sum(len(line["sizes"]) for o in orders for line in o["lines"]), sizes
assert price == sum(o["price"] for o in orders), price
assert cities == sum(1 for o in orders if o["city"] == "Zürich 1" and o["tags"]), cities
print("DuckDB: the same by column")
