# Each role of the distribution as a process of its own, as `firn cluster` runs them on free ports: a record in at one gateway,
# into the table, out at the other, a killed controller back, and each process healthy.
set -euo pipefail
firn="${FIRN_DIST:-$root/dist/target/firn/firn}/bin/firn"
folder=$(mktemp -d "${TMPDIR:-/tmp}/firn-roles.XXXXXX")
cluster=
stop() {
  { kill "$cluster" && wait "$cluster"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

export FIRN_AOT=off FIRN_HEAP=512m
"$firn" cluster --data "$folder/cluster" --kafka-port 0 --catalog-port 0 --s3-port 0 >"$folder/out" 2>&1 &
cluster=$!
timeout 150 bash -c "until grep -q 'firn cluster status' '$folder/out'; do kill -0 $cluster && sleep 0.2; done" || { cat "$folder/out"; exit 1; }
cat "$folder/out"
field() { awk -v id="$1" -v n="$2" '$1 == id { print $n }' "$folder/out"; } # ID  pid PID  ADDRESS  LOG

for codec in none gzip snappy lz4 zstd; do seq 1 1000 | kcat -b "$(field gateway-1 4)" -P -t roles -z "$codec"; done
kcat -b "$(field gateway-2 4)" -C -t roles -o beginning -e -q | wc -l | grep -x 5000 >/dev/null
kill -9 "$(field controller-3001 3)"
seq 1 1000 | kcat -b "$(field gateway-2 4)" -P -t without-one-voter
"$firn" cluster start controller-3001 --data "$folder/cluster"
timeout 60 bash -c "until '$firn' cluster status --data '$folder/cluster'; do sleep 1; done"
"$firn" cluster status --data "$folder/cluster" -o json | grep -c '"state" : "UP"' | grep -x 7 # all but the backends
catalog=$(field catalog-1 4)
curl -sf "$catalog/prometheus" | grep -c '^# TYPE'
curl -sf "$catalog/iceberg/v1/config" | grep -o 'endpoints'
