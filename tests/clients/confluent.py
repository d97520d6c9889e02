"""confluent-kafka (librdkafka): idempotent produce with every codec, Avro through the schema registry, consume, commit,
subscriptions by a regular expression, and a transactional producer that is told at once that there are no transactions."""
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

kafka, catalog = sys.argv[1], sys.argv[2]
SCHEMA = '{"type":"record","name":"Trip","fields":[{"name":"id","type":"long"},{"name":"city","type":["null","string"]}]}'


def read_all(topic, group, expected):
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": group, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False})
    consumer.subscribe([topic])
    messages, deadline = [], time.time() + 60
    while len(messages) < expected and time.time() < deadline:
        message = consumer.poll(1.0)
        if message is not None:
            assert message.error() is None, message.error()
            messages.append(message)
    consumer.commit(asynchronous=False)
    committed = consumer.committed([TopicPartition(topic, 0)])[0].offset
    consumer.close()
    assert len(messages) == expected, f"{len(messages)} of {expected}"
    return messages, committed


admin = AdminClient({"bootstrap.servers": kafka})
for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    topic = f"confluent-{codec}"
    for future in admin.create_topics([NewTopic(topic, 1)]).values():
        future.result(30)
    producer = Producer({"bootstrap.servers": kafka, "enable.idempotence": True, "compression.type": codec})
    for i in range(1000):
        producer.produce(topic, key=f"k{i}", value=f"v{i}", headers=[("a", b"1"), ("a", b"2"), ("empty", b""), ("null", None)])
    assert producer.flush(30) == 0
    messages, committed = read_all(topic, f"g-{codec}", 1000)
    assert [m.value() for m in messages] == [f"v{i}".encode() for i in range(1000)]
    assert messages[0].headers() == [("a", b"1"), ("a", b"2"), ("empty", b""), ("null", None)], messages[0].headers()
    assert committed == 1000, committed
    print(codec, "ok")

registry = SchemaRegistryClient({"url": f"{catalog}/registry"})
serialize, deserialize = AvroSerializer(registry, SCHEMA), AvroDeserializer(registry)
producer = Producer({"bootstrap.servers": kafka})
context = SerializationContext("confluent-avro", MessageField.VALUE)
for i in range(100):
    producer.produce("confluent-avro", value=serialize({"id": i, "city": None if i % 2 else "Bern"}, context))
assert producer.flush(30) == 0
messages, _ = read_all("confluent-avro", "g-avro", 100)
assert [deserialize(m.value(), context)["id"] for m in messages] == list(range(100))
assert "confluent-avro-value" in registry.get_subjects()
print("avro ok")


def subscribed(protocol, pattern, expected):
    """librdkafka takes a subscription that begins with ^ for an expression; with the new protocol the broker resolves it."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": f"g-{protocol}-{pattern}", "group.protocol": protocol,
                         "auto.offset.reset": "earliest"})
    consumer.subscribe([pattern])
    values, deadline = set(), time.time() + 60
    while values != expected and time.time() < deadline:
        message = consumer.poll(1.0)
        if message is not None:
            assert message.error() is None, message.error()
            values.add(message.value().decode())
    consumer.close()
    assert values == expected, f"{pattern} with {protocol}: {values}"


producer = Producer({"bootstrap.servers": kafka})
for topic in ["regex-a", "regex-b", "other-regex-a"]:
    admin.create_topics([NewTopic(topic, 1)])[topic].result(30)
    producer.produce(topic, value=topic)
assert producer.flush(30) == 0
for protocol in ["classic", "consumer"]:
    subscribed(protocol, "^regex-.*$", {"regex-a", "regex-b"})
    subscribed(protocol, "^regex-a$|^regex-b$", {"regex-a", "regex-b"})
    subscribed(protocol, "^.*regex-a", {"regex-a", "other-regex-a"})
print("regular expressions ok")

started = time.time()
try:
    Producer({"bootstrap.servers": kafka, "transactional.id": "confluent"}).init_transactions(60)
    raise AssertionError("a transaction began")
except KafkaException as e:
    assert e.args[0].fatal() and "Unset transactional.id" in e.args[0].str(), e
    assert time.time() - started < 10, time.time() - started
print("transactions ok")
