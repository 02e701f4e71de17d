#!/usr/bin/env bash
# Publish a golden message with kcat, signed with openssl, and with READ=1 wait for the alert about it.
#
#   examples/kcat/publish-and-read.sh bd.conf HOST:PORT http://REGISTRY/apis/ccompat/v7 schemas/golden/incident.json bd.pem
#
# bd.pem is the private key that bd signs with (PEM, Ed25519); openssl 3 or later.
# bd.conf holds security.protocol, sasl.mechanism, sasl.username, sasl.password (docs/bureaus.md). kcat encodes no Avro:
# the record comes from the golden file. It needs librdkafka 2.6.1 or later (kcat -V). Built with Avro, it reads alerts by
# the registry; else it shows the text in them. An alert comes once fr has published entry-person.json the same way.
# With TLS: ssl.ca.location=ca.pem in bd.conf, and CURL_CA_BUNDLE=ca.pem for this script.
set -euo pipefail
if [ $# -ne 5 ]; then
  echo "usage: $0 CONFIG BOOTSTRAP REGISTRY GOLDEN KEY" >&2
  exit 2
fi
config=$1 bootstrap=$2 registry=${3%/} golden=$4 private=$5

member() { sed -n "s/^ \"$1\": \"\\([^\"]*\\)\",*\$/\\1/p" "$golden"; }
topic=$(member topic) key=$(member key) schema=$(member schema) record=$(member avro_hex)
[ -n "$record" ] || { echo "$golden is no golden message" >&2; exit 2; }

# Ids differ from registry to registry: ask, never write one down.
id=$(curl -sSf "$registry/subjects/$schema/versions/latest" | sed -n 's/.*"id" *: *\([0-9]*\).*/\1/p')
[ -n "$id" ] || { echo "the registry told no id of $schema" >&2; exit 1; }

# A zero byte, the schema id in four bytes, highest first, the Avro record.
value=$(mktemp) signed=$(mktemp)
trap 'rm -f "$value" "$signed"' EXIT
binary() { printf '%b' "$(sed 's/../\\x&/g')"; }
printf '00%08x%s' "$id" "$record" | binary > "$value"

# Signed is what is sent and when, each part with its length in four bytes before it; the key's id is made from the key.
part() { local hex; hex=$(od -An -v -tx1 | tr -d ' \n'); printf '%08x%s' $((${#hex} / 2)) "$hex"; }
at=$(date +%s)000
for text in "tocsin message 1" "$topic" "$key"; do printf %s "$text" | part; done | binary > "$signed"
part < "$value" | binary >> "$signed"
printf %s "$at" | part | binary >> "$signed"
signature=$(openssl pkeyutl -sign -rawin -inkey "$private" -in "$signed" | base64 -w0)
key_id=$(openssl pkey -in "$private" -pubout -outform DER | tail -c 32 | sha256sum | cut -c1-16)

# murmur2_random is what Java clients do; kcat's own default would put keys elsewhere.
kcat -F "$config" -b "$bootstrap" -P -t "$topic" -k "$key" -X partitioner=murmur2_random -X acks=all \
  -H "tocsin-key-id=$key_id" -H "tocsin-signed-at=$at" -H "tocsin-signature=$signature" "$value"
echo "published $key to $topic"
[ "${READ:-0}" = 1 ] || exit 0

alerts=alerts.${topic##*.}
avro=()
if kcat -V 2>&1 | grep -q Avro; then avro=(-s value=avro -r "$registry"); fi
for _ in $(seq 60); do
  found=$(kcat -F "$config" -b "$bootstrap" -X isolation.level=read_committed -C -t "$alerts" -o beginning -e -q \
    "${avro[@]}" -f '%k %s\n' | LC_ALL=C tr -cd '[:print:]\n' | grep -F "TEST:${topic##*.}:$key " || true)
  if [ -n "$found" ]; then
    echo "$found" | tail -n 1
    exit 0
  fi
  sleep 1
done
echo "no alert about $key within a minute" >&2
exit 1
