# Sourced: starts and stops one `firn standalone` on free ports in a folder of its own, sets KAFKA, CATALOG, S3.
start_standalone() {
  standalone_data=$(mktemp -d "${TMPDIR:-/tmp}/firn-clients.XXXXXX")
  standalone_log="$tools/standalone.log"
  "${FIRN_DIST:-$root/dist/target/firn/firn}/bin/firn" standalone --data "$standalone_data" --kafka-port 0 --catalog-port 0 --s3-port 0 \
    >"$standalone_log" 2>&1 &
  standalone_pid=$!
  local i
  for i in $(seq 1 240); do
    if grep -q '^Firn is ready' "$standalone_log"; then break; fi
    kill -0 "$standalone_pid" 2>/dev/null || break
    sleep 0.5
  done
  if ! grep -q '^Firn is ready' "$standalone_log"; then
    tail -n 20 "$standalone_log"
    return 1
  fi
  KAFKA=$(sed -n 's/^ *Kafka *\([0-9a-z.]*:[0-9]*\).*/\1/p' "$standalone_log" | head -n 1)
  CATALOG=$(sed -n 's/^ *Catalog *\(http[^ ]*\).*/\1/p' "$standalone_log" | head -n 1)
  export KAFKA CATALOG tools root
}

stop_standalone() {
  { kill -9 "$standalone_pid" && wait "$standalone_pid"; } 2>/dev/null || true
  rm -rf "$standalone_data"
}

stop_standalone_cleanly() { # SIGTERM has to end it in seconds
  local started=$SECONDS
  kill -TERM "$standalone_pid"
  local i
  for i in $(seq 1 60); do
    kill -0 "$standalone_pid" 2>/dev/null || { echo "ok standalone stops on SIGTERM ($((SECONDS - started)) s)"; return; }
    sleep 0.5
  done
  failed=$((failed + 1))
  echo "FAILED standalone stops on SIGTERM (still running after 30 s)"
}
