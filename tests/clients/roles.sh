# Each role of the distribution as a process of its own, as docs/operating describes it, on free ports: a record in at the gateway,
# into the table, out again, and each process healthy.
set -euo pipefail
firn="${FIRN_DIST:-$root/dist/target/firn/firn}/bin/firn"
folder=$(mktemp -d "${TMPDIR:-/tmp}/firn-roles.XXXXXX")
pids=()
stop() {
  { kill -9 "${pids[@]}" && wait "${pids[@]}"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

export FIRN_AOT=off FIRN_HEAP=512m
"$firn" init "$folder/cluster"
free_ports=($(python3 -c '
import socket
held = [socket.socket() for _ in range(9)]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])'))
names=(5433 9000 9092 9093 9094 9100 9101 9102 8080)
for i in "${!names[@]}"; do
  sed -i -E "s/(: |:)${names[$i]}(\$|\/)/\1p${free_ports[$i]}\2/" "$folder"/cluster/*.yaml
done
sed -i -E 's/(: |:)p([0-9]+)/\1\2/' "$folder"/cluster/*.yaml
port() { sed -n "s/^$2: //p" "$folder/cluster/$1.yaml"; }

for role in backends controller catalog broker gateway; do
  "$firn" "$role" --config "$folder/cluster/$role.yaml" >"$folder/$role.log" 2>&1 &
  pids+=($!)
done
for role in backends controller catalog broker gateway; do
  timeout 120 bash -c "until grep -q 'is ready' '$folder/$role.log'; do sleep 0.2; done" || { tail -n 20 "$folder/$role.log"; exit 1; }
done

kafka=127.0.0.1:$(port gateway kafka-port)
for codec in none gzip snappy lz4 zstd; do seq 1 1000 | kcat -b "$kafka" -P -t roles -z "$codec"; done
kcat -b "$kafka" -C -t roles -o beginning -e -q | wc -l | grep -x 5000 >/dev/null
for health in "$(port controller metrics-port)" "$(port broker metrics-port)" "$(port gateway metrics-port)" "$(port catalog catalog-port)"; do
  curl -sf "http://127.0.0.1:$health/health" | grep '"status":"UP"'
  curl -sf "http://127.0.0.1:$health/prometheus" | grep -c '^# TYPE'
done
curl -sf "http://127.0.0.1:$(port catalog catalog-port)/iceberg/v1/config" | grep -o 'endpoints'
