#!/bin/sh
# Makes a tenant with a key and a quota, uploads the pictures, and prints the key for the page, once.
# GATEWAY and ADMIN say where the gateway and its administration are; GATEHOUSE_ADMIN_TOKEN is that of .env unless it is set.
set -eu
cd "$(dirname "$0")"
GATEWAY=${GATEWAY:-http://127.0.0.1:8080}
ADMIN=${ADMIN:-http://127.0.0.1:8081}
: "${GATEHOUSE_ADMIN_TOKEN:=$(sed -n 's/^GATEHOUSE_ADMIN_TOKEN=//p' .env)}"

# The credential goes to curl by its standard input, where nobody else sees it.
call() {
  credential=$1
  shift
  printf 'header = "%s"\n' "$credential" | curl --silent --show-error --fail-with-body --config - "$@"
}
admin() { call "Authorization: Bearer $GATEHOUSE_ADMIN_TOKEN" "$@"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

tries=60
until curl --silent --fail --output /dev/null "$GATEWAY/health/ready"; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "no gateway at $GATEWAY" >&2; exit 1; }
  sleep 1
done

user=$(admin --json "{\"name\":\"gallery $(date +%s) $$\",\"tenant\":\"gallery\"}" "$ADMIN/api/v1/users" | field id)
admin --output /dev/null --request PUT --json \
  '{"quotas":[{"meter":"pixels","window":"day","most":20000000},{"meter":"stored-bytes","window":"lifetime","most":50000000}]}' \
  "$ADMIN/api/v1/users/$user/quotas"

# A key that stores, for this script; it is deleted at the end.
made=$(admin --json "{\"user\":\"$user\",\"name\":\"seed\",\"scopes\":[\"POST /api/v1/upload\"]}" "$ADMIN/api/v1/keys")
storing=$(printf %s "$made" | field key)
for picture in pictures/*.jpg; do
  call "X-API-Key: $storing" --output /dev/null --header 'Content-Type: image/jpeg' --data-binary "@$picture" \
    "$GATEWAY/api/v1/upload"
done
admin --request DELETE "$ADMIN/api/v1/keys/$(printf %s "$made" | field id)"

# A key for the page: it lists pictures, has URLs signed, sees its use, and stores nothing.
made=$(admin --json "{\"user\":\"$user\",\"name\":\"page\",\"scopes\":[\"GET /i\",\"GET /api/v1/upload\",\"account:read\",\"account:sign\"]}" \
  "$ADMIN/api/v1/keys")
admin --output /dev/null --request POST "$ADMIN/api/v1/keys/$(printf %s "$made" | field id)/signing-secrets"
echo "Open $GATEWAY/gallery/ and paste this key: $(printf %s "$made" | field key)"
