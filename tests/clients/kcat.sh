# Debian's kcat (librdkafka): metadata, produce with every codec it has, consume, and a timestamp query.
set -euo pipefail
kcat -b "$KAFKA" -L | head -n 5
for codec in none gzip snappy lz4 zstd; do
  seq 1 500 | sed "s/^/$codec-/" | kcat -b "$KAFKA" -P -t "kcat-$codec" -z "$codec" -k key -H h=1 -H h=2
  kcat -b "$KAFKA" -C -t "kcat-$codec" -o beginning -e -q -f '%s\n' | cmp - <(seq 1 500 | sed "s/^/$codec-/")
done
kcat -b "$KAFKA" -C -t kcat-none -o beginning -c 1 -q -f '%k %h %o\n' | grep -x 'key h=1,h=2 0' >/dev/null
kcat -b "$KAFKA" -Q -t kcat-none:0:-1 | grep 500 >/dev/null
seq 1 20 | kcat -b "$KAFKA" -P -t kcat-group
timeout 30 kcat -b "$KAFKA" -G kcat-g -X auto.offset.reset=earliest -c 20 -q kcat-group | wc -l | grep -x 20 >/dev/null
