"""What the checks with PyIceberg and DuckDB share."""
import pathlib
import time

import duckdb


def wait_for_rows(catalog, name, rows):
    deadline = time.time() + 120
    count = -1
    while time.time() < deadline:
        try:
            table = catalog.load_table(name)
            snapshot = table.current_snapshot()
            count = int(snapshot.summary["total-records"]) if snapshot else 0
            if count >= rows:
                return table
        except Exception as e:  # the table appears with the first commit
            count = repr(e)
        time.sleep(1)
    raise SystemExit(f"{name}: {count} rows after 120 s, expected {rows}")


def duck(catalog_url):
    """DuckDB with the catalog attached as `lake`; its extensions come from PyPI."""
    import duckdb_extension_avro, duckdb_extension_httpfs, duckdb_extension_iceberg  # noqa: E401
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    for module in (duckdb_extension_avro, duckdb_extension_httpfs, duckdb_extension_iceberg):
        name = module.__name__.removeprefix("duckdb_extension_")
        path = next(pathlib.Path(module.__file__).parent.rglob(f"{name}.duckdb_extension"))
        con.execute(f"LOAD '{path}'")
    con.execute(f"ATTACH '' AS lake (TYPE iceberg, ENDPOINT '{catalog_url}/iceberg', AUTHORIZATION_TYPE 'none', "
                "ACCESS_DELEGATION_MODE 'vended_credentials')")
    con.execute("SET TimeZone = 'UTC'")
    return con
