# Sourced: Kafka's own command-line tools (4.3.1) against $KAFKA. Each tools_* function is one check.
set -euo pipefail
kt() { # kt CLASS ARGS...
  java -Xmx256m -cp "$root/brokers/benchmarks/kafka/target/lib/*" "$@"
}
topics() { kt org.apache.kafka.tools.TopicCommand --bootstrap-server "$KAFKA" "$@"; }

tools_topics() {
  topics --create --topic tools-a --partitions 3 --config retention.ms=3600000
  topics --list | grep -x tools-a >/dev/null
  topics --describe --topic tools-a | tee /dev/stderr | grep 'PartitionCount: 3' >/dev/null
  topics --alter --topic tools-a --partitions 5
  topics --describe --topic tools-a | grep 'PartitionCount: 5' >/dev/null
  topics --create --topic tools-gone
  topics --delete --topic tools-gone
  for _ in $(seq 1 20); do topics --list | grep -x tools-gone >/dev/null || return 0; sleep 0.5; done
  echo "tools-gone is still listed"; return 1
}

tools_produce_consume() {
  seq 1 1000 | sed 's/^/record-/' | kt org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$KAFKA" --topic tools-pc \
    --command-property acks=all --command-property compression.type=lz4
  kt org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$KAFKA" --topic tools-pc --from-beginning \
    --max-messages 1000 --timeout-ms 30000 >"$tools/console.out"
  seq 1 1000 | sed 's/^/record-/' | sort | cmp - <(sort "$tools/console.out")
}

tools_groups() {
  for protocol in classic consumer; do
    seq 1 10 | kt org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$KAFKA" --topic "tools-g-$protocol"
    kt org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$KAFKA" --topic "tools-g-$protocol" --group "tools-$protocol" \
      --command-property group.protocol=$protocol --command-property auto.offset.reset=earliest --max-messages 10 --timeout-ms 40000
    kt org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$KAFKA" --describe --group "tools-$protocol" | tee /dev/stderr |
      awk '$2 == "tools-g-'"$protocol"'" && $4 == 10 && $6 == 0 {found = 1} END {exit !found}'
    kt org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$KAFKA" --list | grep -x "tools-$protocol" >/dev/null
    kt org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$KAFKA" --group "tools-$protocol" --topic "tools-g-$protocol" \
      --reset-offsets --to-earliest --execute
    kt org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$KAFKA" --delete --group "tools-$protocol"
  done
}

tools_configs() {
  configs() { kt kafka.admin.ConfigCommand --bootstrap-server "$KAFKA" --entity-type topics --entity-name tools-cfg "$@"; }
  topics --create --topic tools-cfg
  configs --alter --add-config retention.ms=123456,firn.table.freshness.ms=60000
  configs --describe | tee /dev/stderr | grep 'retention.ms=123456' >/dev/null
  configs --describe | grep 'firn.table.freshness.ms=60000' >/dev/null
  configs --alter --delete-config retention.ms
  if configs --describe | grep '^ *retention.ms='; then echo "a deleted setting is still there"; return 1; fi
  if configs --alter --add-config firn.table.layout=sideways; then echo "a bad layout was accepted"; return 1; fi
}

tools_get_offsets() {
  seq 1 7 | kt org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$KAFKA" --topic tools-off
  [ "$(kt org.apache.kafka.tools.GetOffsetShell --bootstrap-server "$KAFKA" --topic tools-off --time latest)" = "tools-off:0:7" ]
  [ "$(kt org.apache.kafka.tools.GetOffsetShell --bootstrap-server "$KAFKA" --topic tools-off --time earliest)" = "tools-off:0:0" ]
  kt org.apache.kafka.tools.GetOffsetShell --bootstrap-server "$KAFKA" --topic tools-off --time earliest-local
}

tools_perf() {
  kt org.apache.kafka.tools.ProducerPerformance --bootstrap-server "$KAFKA" --topic tools-perf --num-records 50000 --record-size 1024 --throughput -1 --command-property acks=all
  kt org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "$KAFKA" --topic tools-perf --num-records 50000 | tee /dev/stderr | tail -n 1 | awk -F, '$5 + 0 >= 50000 {ok = 1} END {exit !ok}'
}
