#!/bin/sh
# A whole central for one kiosk, made of mosquitto_sub, mosquitto_pub, openssl 3 and jq: an example
# to read beside the contract. A test runs it against a real kiosk, through a deposit and a pickup.
#
#   central.sh keys FOLDER                      makes both key pairs; *.json are for the kiosk
#   central.sh verifier STAFF_KEY_FILE KIOSK CODE       prints the verifier of an access code
#   central.sh want FOLDER STREAM OPS           the next version of a stream, told at once
#   central.sh run FOLDER                       takes facts and answers, until it is ended
#
# The broker is at $HOST and $PORT, the kiosk's topics begin with $TOPIC: lk/v1/{ns}/{kiosk}.
#
# In FOLDER: want/STREAM/VERSION holds the operations that lead to a version, facts.EPOCH the
# facts as they came, one a line, and letters/EPOCH.SEQ what a recipient is to be told.
set -eu

to64() { basenc --base64url -w0 | tr -d '='; }
from64() {
  case $((${#1} % 4)) in 2) padding='==' ;; 3) padding='=' ;; *) padding='' ;; esac
  printf '%s' "$1$padding" | basenc --base64url -d
}
hex() { basenc --base16 -w0; }
unhex() { printf '%s' "$1" | basenc --base16 -d; }

keys() {
  mkdir -p "$1"
  openssl genpkey -algorithm ed25519 -out "$1/signing.pem"
  openssl genpkey -algorithm x25519 -out "$1/sealing.pem"
  # The last 32 bytes of the DER form are the public key itself.
  signing=$(openssl pkey -in "$1/signing.pem" -pubout -outform DER | tail -c 32 | to64)
  sealing=$(openssl pkey -in "$1/sealing.pem" -pubout -outform DER | tail -c 32 | to64)
  jq -n --arg x "$signing" '{keys: [{kty: "OKP", crv: "Ed25519", kid: "shell-1", x: $x}]}' \
    >"$1/central-keys.json"
  jq -n --arg x "$sealing" '{kty: "OKP", crv: "X25519", kid: "shell-1", x: $x}' \
    >"$1/central-seal-key.json"
}

verifier() {
  printf 'access|%s|%s' "$2" "$3" |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(hex <"$1")" -binary | to64
}

# say LEAF FIELDS: adds the head that all messages have, signs the body and publishes it.
say() {
  body=$(printf '%s' "$2" | jq -c --arg k "${TOPIC##*/}" --arg t "$(date +%s)000" \
    '{v: 1, k: $k, t: ($t | tonumber)} + .')
  header=$(jq -nc --arg typ "lk-dn-$1" '{alg: "EdDSA", kid: "shell-1", typ: $typ}' | to64)
  payload=$(printf '%s' "$body" | to64)
  signed=$(mktemp)
  printf '%s.%s' "$header" "$payload" >"$signed"
  signature=$(openssl pkeyutl -sign -rawin -inkey "$FOLDER/signing.pem" -in "$signed" | to64)
  rm "$signed"
  jq -ncj --arg payload "$payload" --arg protected "$header" --arg signature "$signature" \
    '{$payload, $protected, $signature}' |
    mosquitto_pub -h "$HOST" -p "$PORT" -q 1 -t "$TOPIC/dn/$1" -s
}

# The newest version of a stream, and of all of them as JSON.
newest() { ls "$FOLDER/want/$1" 2>/dev/null | sort -n | tail -n 1 | grep . || echo 0; }
heads() {
  for stream in $(ls "$FOLDER/want" 2>/dev/null); do
    printf '{"%s": %s}\n' "$stream" "$(newest "$stream")"
  done | jq -sc 'add // {}'
}

# delta STREAM VERSION
delta() {
  say delta "$(jq -nc --arg stream "$1" --argjson to "$2" --slurpfile ops "$FOLDER/want/$1/$2" \
    '{stream: $stream, from: ($to - 1), to: $to, ops: $ops[0]}')"
}

# snap STREAM VERSION REQUEST: what all operations together come to, 200 rows in a message.
snap() {
  rows=$(for version in $(seq "$2"); do cat "$FOLDER/want/$1/$version"; done | jq -sc '
    reduce .[][] as $op ({}; if $op.put then .[$op.put.id] = $op.put else del(.[$op.del]) end)
    | [.[]]')
  count=$(printf '%s' "$rows" | jq '[1, (length + 199) / 200 | floor] | max')
  for part in $(seq "$count"); do
    say snap "$(printf '%s' "$rows" | jq -c --arg stream "$1" --argjson ver "$2" --arg re "$3" \
      --argjson i "$part" --argjson n "$count" \
      '{$stream, $ver, $re, part: {$i, $n}, rows: .[($i - 1) * 200 : $i * 200]}')"
  done
}

# The kiosk takes a delta on top of what it has; while it has nothing, it asks for a snapshot.
want() {
  mkdir -p "$FOLDER/want/$1"
  version=$(($(newest "$1") + 1))
  printf '%s\n' "$2" >"$FOLDER/want/$1/$version"
  if [ "$version" -gt 1 ]; then delta "$1" "$version"; else say head "{\"head\": $(heads)}"; fi
}

# A kiosk says what it has. Each version that it lacks follows, or all rows if it has none, then
# the newest versions, and the time.
answer() {
  came=$(date +%s%3N)
  for stream in $(ls "$FOLDER/want" 2>/dev/null); do
    have=$(printf '%s' "$1" | jq --arg stream "$stream" '.have[$stream] // 0')
    if [ "$have" -eq 0 ]; then
      snap "$stream" "$(newest "$stream")" "$(printf '%s' "$1" | jq -r .id)"
    else
      for version in $(seq $((have + 1)) "$(newest "$stream")"); do delta "$stream" "$version"; done
    fi
  done
  say head "$(jq -nc --argjson head "$(heads)" --argjson t1 "$came" --argjson t2 "$(date +%s%3N)" \
    --argjson sync "$1" '{$head, time: {re: $sync.id, $t1, $t2}}')"
}

# Facts: those that are new and continue the log are stored, in their own words, then acknowledged.
# A repetition is only acknowledged; after a gap the old ack makes the kiosk repeat.
take() {
  epoch=$(printf '%s' "$1" | jq -r .epoch)
  first=$(printf '%s' "$1" | jq .first)
  log="$FOLDER/facts.$epoch"
  touch "$log"
  known=$(wc -l <"$log")
  if [ "$first" -le $((known + 1)) ]; then
    printf '%s' "$1" | jq -r --argjson known $((known + 1 - first)) '.ev[$known:][]' >"$log.new"
    check_chain "$log"
    write_letters "$log.new"
    cat "$log.new" >>"$log"
    sync "$log"
  fi
  since=$(cat "$log.since" 2>/dev/null || echo 1)
  acknowledge "$since" "$(wc -l <"$log")" "$(last_hash "$log")"
  # What came under numbers that are taken is kept, too, and acknowledged for itself.
  if [ "$first" -le "$known" ]; then
    printf '%s' "$1" | jq -r '.ev[]' >"$log.again"
    last=$((first - 1 + $(wc -l <"$log.again")))
    sed -n "$first,${last}p" "$log" | cmp -s - "$log.again" || cat "$log.again" >>"$log.aside"
    acknowledge "$first" "$last" "$(last_hash "$log.again")"
  fi
}

# acknowledge SINCE CUM HASH
acknowledge() {
  say ack "$(jq -nc --arg epoch "$epoch" --arg hash "$3" --argjson head "$(heads)" \
    --argjson since "$1" --argjson cum "$2" '{$epoch, $since, $cum, $hash, $head}')"
}

# Of the last line; zeros before the first one.
last_hash() {
  if [ -s "$1" ]; then
    tail -n 1 "$1" | tr -d '\n' | sha256sum | cut -c 1-64
  else
    printf '0%.0s' $(seq 64)
  fi
}

# Each fact carries the hash of the one before. A break is noted, and the fact is kept all the same.
check_chain() {
  hash=$(last_hash "$1")
  while read -r text; do
    if [ "$(printf '%s' "$text" | jq -r .ph)" != "$hash" ]; then
      printf '%s\n' "$text" >>"$FOLDER/broken"
      printf '%s' "$text" | jq .seq >"$1.since"
    fi
    hash=$(printf '%s' "$text" | sha256sum | cut -c 1-64)
  done <"$1.new"
}

# Written before the fact is stored: whoever is interrupted here writes the same letter again.
write_letters() {
  mkdir -p "$FOLDER/letters"
  while read -r text; do
    letter=$FOLDER/letters/$epoch.$(printf '%s' "$text" | jq .seq)
    sealed=$(printf '%s' "$text" | jq -r '.data | .sealedPin // .sealedCode // empty')
    [ -z "$sealed" ] || open_pin "$sealed" >"$letter"
  done <"$1"
}

# A compact JWE, ECDH-ES with A256GCM (RFC 7518 §4.6, §5.3). openssl's command line has no GCM, so
# this reads the text, and cannot check its tag: a central with a JOSE library does both.
open_pin() {
  IFS=. read -r header _ iv text _ <<END
$1
END
  peer=$(mktemp)
  { unhex 302A300506032B656E032100; from64 "$(from64 "$header" | jq -r .epk.x)"; } |
    openssl pkey -pubin -inform DER -out "$peer"
  shared=$(openssl pkeyutl -derive -inkey "$FOLDER/sealing.pem" -peerkey "$peer" | hex)
  rm "$peer"
  # One round of the Concat KDF: counter, shared secret, "A256GCM", two empty names, 256 bits.
  key=$(unhex "00000001${shared}000000074132353647434D000000000000000000000100" |
    openssl dgst -sha256 -binary | hex)
  from64 "$text" | openssl enc -d -aes-256-ctr -K "$key" -iv "$(from64 "$iv" | hex)00000002"
}

run() {
  mosquitto_sub -h "$HOST" -p "$PORT" -q 1 -t "$TOPIC/up/+" -F '%t %p' |
    while read -r topic body; do
      case ${topic##*/} in
        ev) take "$body" ;;
        sync) answer "$body" ;;
        rej) printf '%s\n' "$body" >&2 ;;
      esac
    done
}

command=$1
shift
case $command in
  keys | verifier) "$command" "$@" ;;
  want | run)
    FOLDER=$1
    shift
    "$command" "$@"
    ;;
  *) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2 ; exit 2 ;;
esac
