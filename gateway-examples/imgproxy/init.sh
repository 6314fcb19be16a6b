#!/bin/sh
# Writes .env with fresh secrets for everything that compose.yaml starts. What is there stays.
set -eu
cd "$(dirname "$0")"
if [ -e .env ]; then
  echo ".env is there already; its secrets stay" >&2
  exit 0
fi
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
cat > .env.new <<END
IMGPROXY_KEY=$(random)
IMGPROXY_SALT=$(random)
IMGPROXY_SECRET=$(random)
POSTGRES_PASSWORD=$(random)
REDIS_PASSWORD=$(random)
GATEHOUSE_ADMIN_TOKEN=$(random)
GATEHOUSE_AUTH_PEPPER=$(random)
GRAFANA_PASSWORD=$(random)
END
mv .env.new .env
