"""Watches the way to the table and out of it on a running Firn: how old records are when a query engine can see them, retention
over both tiers by time and by size, firn.table.retention=keep, and what becomes of the table of a deleted topic."""
import argparse
import os
import re
import time
import urllib.request

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from pyiceberg.catalog import load_catalog
from pyiceberg.conversions import from_bytes
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.types import IntegerType, LongType

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("kafka")
parser.add_argument("catalog")
parser.add_argument("metrics")
parser.add_argument("--seconds", type=int, default=60, help="how long records trickle in")
parser.add_argument("--warm-up", type=int, default=20, help="seconds before that, which do not count: the JVM is cold")
parser.add_argument("--target", type=float, default=5, help="firn.table.freshness.ms, in seconds")
parser.add_argument("--only", choices=["freshness", "retention", "deletion"])
arguments = parser.parse_args()
admin = AdminClient({"bootstrap.servers": arguments.kafka})
catalog = load_catalog("firn", type="rest", uri=f"{arguments.catalog}/iceberg")
failures = []


def check(name, ok, seen):
    print(f"{'ok' if ok else 'FAILED'} {name}: {seen}", flush=True)
    if not ok:
        failures.append(name)


def create(topic, partitions, **config):
    settings = {key.replace("_", "."): str(value) for key, value in config.items()}
    settings = {key.replace("on.delete", "on-delete"): value for key, value in settings.items()}
    admin.create_topics([NewTopic(topic, partitions, config=settings)])[topic].result(30)


def table(topic):
    try:
        return catalog.load_table(f"public.{topic.replace('-', '_')}")
    except NoSuchTableError:
        return None


def rows(topic):
    now = table(topic)
    snapshot = now.current_snapshot() if now else None
    return int(snapshot.summary["total-records"]) if snapshot else 0


def earliest(topic):
    consumer = Consumer({"bootstrap.servers": arguments.kafka, "group.id": "tiers"})
    try:
        return consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=20)[0]
    finally:
        consumer.close()


def until(what, seconds):
    """Seconds that it took; None when it did not come in time."""
    begin = time.time()
    while time.time() - begin < seconds:
        if what():
            return round(time.time() - begin, 1)
        time.sleep(0.5)
    return None


def prometheus():
    with urllib.request.urlopen(f"{arguments.metrics}/prometheus", timeout=20) as answer:
        return answer.read().decode()


# ---- freshness

def seen_ends(now, known):
    """(partition, end offset) of each data file that was not known yet, from its bounds in the manifests."""
    fields = {now.schema().find_field(name).field_id: name for name in ("_kafka_partition", "_kafka_offset")}
    of = {name: field for field, name in fields.items()}
    for task in now.scan().plan_files():
        file = task.file
        if file.file_path not in known:
            known.add(file.file_path)
            yield (from_bytes(IntegerType(), file.lower_bounds[of["_kafka_partition"]]),
                   from_bytes(LongType(), file.lower_bounds[of["_kafka_offset"]]),
                   from_bytes(LongType(), file.upper_bounds[of["_kafka_offset"]]))


def freshness():
    partitions = 8
    create("tiers-fresh", partitions, firn_table_freshness_ms=int(arguments.target * 1000))
    produced, visible, known = {}, {}, set()

    def delivered(at):
        def done(error, message):
            assert error is None, error
            produced[(message.partition(), message.offset())] = at
        return done

    producer = Producer({"bootstrap.servers": arguments.kafka, "linger.ms": 5})
    counted = time.time() + arguments.warm_up
    end = counted + arguments.seconds
    number = 0
    looked = 0.0
    slowest_look = 0.0
    while True:
        now = time.time()
        if now < end:
            for _ in range(4):  # 4 records each 100 ms: each partition gets one each 200 ms
                producer.produce("tiers-fresh", f"record {number}", partition=number % partitions, on_delivery=delivered(time.time()))
                number += 1
        producer.poll(0)
        if now - looked >= 0.5:
            looked = now
            fresh = table("tiers-fresh")
            if fresh and fresh.current_snapshot():
                asked = time.time()  # what this load answered was visible by now
                for partition, first, last in seen_ends(fresh, known):
                    for offset in range(first, last + 1):
                        visible.setdefault((partition, offset), asked)
                slowest_look = max(slowest_look, time.time() - now)
        if now >= end and len(visible) >= number or now > end + 60:
            break
        time.sleep(max(0.0, 0.1 - (time.time() - now)))
    producer.flush(30)
    late = sum(record not in visible for record in produced)
    ages = sorted(visible[record] - at for record, at in produced.items() if record in visible and at >= counted)
    at = lambda share: ages[min(len(ages) - 1, int(len(ages) * share))] if ages else float("nan")  # noqa: E731
    check(f"freshness of {number} records on {partitions} partitions, target {arguments.target:g} s",
          late == 0 and at(0.99) <= arguments.target,
          f"not visible {late}; age at p50 {at(0.5):.2f} s, p99 {at(0.99):.2f} s, most {at(1):.2f} s "
          f"(looked every 0.5 s, slowest look {slowest_look:.2f} s; {len(known)} files, load {os.getloadavg()[0]:.0f})")
    begin = min(produced.values())
    tens = {}
    for record, made in produced.items():
        tens.setdefault(int((made - begin) // 10), []).append(visible.get(record, now) - made)
    print("    most of each 10 s:", ", ".join(f"{max(ages):.1f}" for _, ages in sorted(tens.items())))
    text = prometheus()
    for name in ("firn_table_freshness_seconds_count", "firn_table_freshness_seconds_sum", "firn_table_freshness_seconds_max",
                 "firn_offload_lag_records", "firn_offload_lag_bytes", "firn_offload_failures_total", "firn_offload_stuck_partitions"):
        value = re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M)
        check(f"metric {name}", value is not None, value.group(1) if value else "not there")
    steps = re.findall(r'^firn_offload_step_seconds_(sum|count){.*step="(\w+)"} (\S+)$', text, re.M)
    print("    steps:", ", ".join(f"{step} {kind} {float(value):.2f}" for kind, step, value in steps))
    # the broker's own figure counts from its start, so that the cold minutes are in it
    buckets = [(float(le), float(n)) for le, n in re.findall(r'^firn_table_freshness_seconds_bucket{.*le="([0-9.]+)"} (\S+)$', text, re.M)]
    total = max(n for _, n in buckets)
    share = lambda part: next(le for le, n in buckets if n >= total * part)  # noqa: E731
    check("metric firn_table_freshness_seconds_bucket", total > 0,
          f"p50 at most {share(0.5):.1f} s, p99 at most {share(0.99):.1f} s, of {total:.0f} ranges since the start")


# ---- retention

def fill(topic, count, size):
    producer = Producer({"bootstrap.servers": arguments.kafka, "linger.ms": 20})
    for _ in range(count):
        producer.produce(topic, os.urandom(size), partition=0)
        producer.poll(0)
    assert producer.flush(60) == 0


def kept_by_size(limit):
    """Segments leave as long as what stays has at least `limit` bytes: without the oldest it would have less."""
    sizes = [task.file.file_size_in_bytes for task in sorted(table("tiers-size").scan().plan_files(), key=lambda task: task.file.file_path)]
    return sum(sizes) >= limit > sum(sizes[1:])


def retention():
    create("tiers-time", 1, firn_table_freshness_ms=2000, retention_ms=30000, local_retention_ms=5000)
    create("tiers-size", 1, firn_table_freshness_ms=2000, retention_bytes=2_000_000, local_retention_ms=5000)
    create("tiers-keep", 1, firn_table_freshness_ms=2000, retention_ms=30000, local_retention_ms=5000, firn_table_retention="keep")
    for topic in ("tiers-time", "tiers-keep"):
        fill(topic, 200, 1000)
    for _ in range(5):
        fill("tiers-size", 1000, 1000)
        time.sleep(2.5)
    check("all is in the tables", until(lambda: rows("tiers-keep") == 200 and rows("tiers-time") == 200, 25) is not None,
          f"tiers-time {rows('tiers-time')} rows, tiers-keep {rows('tiers-keep')}")
    took = until(lambda: rows("tiers-time") == 0 and earliest("tiers-time") == 200, 120)
    check("retention.ms over both tiers", took is not None,
          f"log start {earliest('tiers-time')}, {rows('tiers-time')} rows left, {took} s later")
    took = until(lambda: earliest("tiers-keep") == 200, 60)
    check("firn.table.retention=keep", took is not None and rows("tiers-keep") == 200,
          f"log start {earliest('tiers-keep')}, {rows('tiers-keep')} rows left")
    took = until(lambda: earliest("tiers-size") > 0 and kept_by_size(2_000_000), 90)
    files = sorted(task.file.record_count for task in table("tiers-size").scan().plan_files())
    check("retention.bytes over both tiers", took is not None and rows("tiers-size") == 5000 - earliest("tiers-size"),
          f"log start {earliest('tiers-size')} of 5000, {rows('tiers-size')} rows left in files of {files}, {took} s later")


# ---- deletion

def deletion():
    create("tiers-drop", 1, firn_table_freshness_ms=2000)
    create("tiers-stay", 1, firn_table_freshness_ms=2000, firn_table_on_delete="keep")
    for topic in ("tiers-drop", "tiers-stay"):
        fill(topic, 100, 100)
    check("both tables are there", until(lambda: rows("tiers-drop") == 100 and rows("tiers-stay") == 100, 60) is not None,
          f"{rows('tiers-drop')} and {rows('tiers-stay')} rows")
    for future in admin.delete_topics(["tiers-drop", "tiers-stay"]).values():
        future.result(30)
    took = until(lambda: table("tiers-drop") is None, 60)
    check("a deleted topic's table is dropped", took is not None, f"after {took} s")
    left = table("tiers-stay")
    count = left.scan().to_arrow().num_rows if left else None
    check("firn.table.on-delete=keep", count == 100, f"{count} rows are read from the table of the deleted topic")


for part in (freshness, retention, deletion):
    if arguments.only in (None, part.__name__):
        part()
raise SystemExit(1 if failures else 0)
