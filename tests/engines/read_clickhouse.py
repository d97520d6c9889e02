"""Reads the two tables that read_table.py produces with ClickHouse (chdb, in this process) through the REST catalog and S3
with vended keys, and compares every row with what was produced."""
import json
import sys

import chdb.session

catalog_url = sys.argv[1]
ROWS = 5000
session = chdb.session.Session()


def ask(sql):
    answer = session.query(sql, "JSONCompact")
    return json.loads(str(answer))["data"]


session.query("SET allow_database_iceberg = 1")
session.query("SET output_format_json_quote_64bit_integers = 0")
session.query(f"CREATE DATABASE lake ENGINE = DataLakeCatalog('{catalog_url}/iceberg/v1') "
              "SETTINGS catalog_type = 'rest', warehouse = 'firn', vended_credentials = true")
version = ask("SELECT version()")[0][0]

tables = {name for (name,) in ask("SHOW TABLES FROM lake")}
assert {"public.engine_orders", "public.engine_raw"} <= tables, tables

orders = ask('SELECT id, price, city, toUnixTimestamp64Micro(at), paid, length(tags), _kafka_partition, _kafka_offset, '
             '_kafka_key, _kafka_value_kind FROM lake."public.engine_orders" ORDER BY id')
want = [[i, i / 4, None if i % 3 == 0 else f"Zürich {i % 7}", 1_700_000_000_000_000 + i, i % 2 == 0, i % 3, i % 2, i // 2,
         str(i), 1] for i in range(ROWS)]
assert len(orders) == ROWS, len(orders)
for got, row in zip(orders, want):
    assert got == row, (got, row)

raw = ask("SELECT _kafka_key, _kafka_value_raw, length(_kafka_headers), _kafka_headers[1].value, _kafka_headers[2].value "
          'FROM lake."public.engine_raw" ORDER BY _kafka_offset * 2 + _kafka_partition')
assert len(raw) == ROWS, len(raw)
for i, got in enumerate(raw):
    row = [None if i % 5 == 0 else f"k{i}", None if i % 7 == 0 else f'{{"n": {i}}}', 2, "x", None]
    assert got == row, (got, row)

total = ask('SELECT count(), uniqExact(id), sum(price), countIf(paid) FROM lake."public.engine_orders"')
assert total == [[ROWS, ROWS, sum(i / 4 for i in range(ROWS)), (ROWS + 1) // 2]], total
print(f"ClickHouse {version}: engine_orders and engine_raw equal in {ROWS} rows")
