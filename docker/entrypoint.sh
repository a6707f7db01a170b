#!/bin/bash
# Role switch of the cluster image: patroni | etcd | haproxy | postgres | hold, or any other command as it is.
set -euo pipefail

as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql "$@"
  fi
  exec "$@"
}

# Member of a cluster. Without a PATRONI_CONFIGURATION of the caller's, one is made from NODE_ADDRESS, ETCD_HOSTS,
# CLUSTER_NETWORK and POSTGRES_PASSWORD; the node's name is its host name.
patroni_role() {
  if [ -z "${PATRONI_CONFIGURATION:-}" ]; then
    local address=${NODE_ADDRESS:?NODE_ADDRESS is this member\'s own address}
    local hosts=${ETCD_HOSTS:?ETCD_HOSTS is a list such as 10.0.0.21:2379,10.0.0.22:2379}
    local password=${POSTGRES_PASSWORD:?POSTGRES_PASSWORD is the superuser\'s password}
    PATRONI_CONFIGURATION=$(cat <<YAML
scope: forkpoint
name: $(hostname)
restapi: { listen: "0.0.0.0:8008", connect_address: "$address:8008" }
etcd3: { hosts: "$hosts" }
bootstrap:
  dcs:
    ttl: 30
    loop_wait: 5
    retry_timeout: 10
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: "300"
        wal_log_hints: "on"
        wal_sender_timeout: 5s
        wal_receiver_timeout: 5s
        wal_retrieve_retry_interval: 200ms
  initdb: [data-checksums, no-sync, { locale: C }, { encoding: UTF8 }]
postgresql:
  listen: "0.0.0.0:5432"
  connect_address: "$address:5432"
  data_dir: $PGDATA
  bin_dir: $(dirname "$(command -v postgres)")
  pgpass: /var/lib/forkpoint/pgpass
  use_unix_socket: true
  authentication:
    superuser: { username: postgres, password: "$password" }
    replication: { username: replicator, password: "$password" }
  basebackup: [{ checkpoint: fast }, no-sync]
  parameters: { unix_socket_directories: /var/run/postgresql }
  pg_hba:
    - local all all trust
    - local replication all trust
    - host replication all 127.0.0.1/32 scram-sha-256
    - host all all 127.0.0.1/32 scram-sha-256
    - host all all ${CLUSTER_NETWORK:-samenet} scram-sha-256
    - host replication all ${CLUSTER_NETWORK:-samenet} scram-sha-256
YAML
)
    export PATRONI_CONFIGURATION
  fi
  # A file, which Patroni loads again when it is told to. What is in its environment goes before every file, and stays.
  local file=/var/lib/forkpoint/patroni.yml
  (umask 077 && printf '%s\n' "$PATRONI_CONFIGURATION" > "$file")
  [ "$(id -u)" != 0 ] || chown postgres:postgres "$file"
  # shellcheck disable=SC2086  # several words on purpose: NAME=value for Patroni and its server only
  as_postgres env -u PATRONI_CONFIGURATION ${MEMBER_ENVIRONMENT:-} patroni "$file"
}

# The usual ETCD_* variables configure it; see etcd's documentation.
etcd_role() {
  exec etcd
}

# Writes on port 5000, reads on 5001; MEMBERS is a list such as `pg1=10.0.0.11 pg2=10.0.0.12`.
haproxy_role() {
  local member servers=''
  for member in ${MEMBERS:?MEMBERS is a list such as "pg1=10.0.0.11 pg2=10.0.0.12"}; do
    servers+="  server ${member%%=*} ${member#*=}:5432 check port 8008"$'\n'
  done
  cat > /run/haproxy.cfg <<CFG
global
  maxconn 1000
defaults
  mode tcp
  timeout connect 3s
  timeout client 30m
  timeout server 30m
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
listen writes
  bind *:5000
  option httpchk OPTIONS /primary
  http-check expect status 200
${servers}
listen reads
  bind *:5001
  balance roundrobin
  option httpchk OPTIONS /replica
  http-check expect status 200
${servers}
frontend health
  mode http
  bind *:7000
  http-request return status 200 content-type text/plain string ok
CFG
  exec haproxy -W -db -f /run/haproxy.cfg
}

# One server, as the official image starts it: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB. Nobody can connect by TCP
# before the database is whole, so an open port means ready.
postgres_role() {
  if [ "$(id -u)" = 0 ]; then
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    as_postgres "$0" postgres "$@"
  fi
  [ -s "$PGDATA/PG_VERSION" ] || initialize
  exec postgres -D "$PGDATA" "$@"
}

initialize() {
  local user=${POSTGRES_USER:-postgres} pwfile
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    echo 'POSTGRES_PASSWORD is not set (or POSTGRES_HOST_AUTH_METHOD=trust)' >&2
    exit 1
  fi
  pwfile=$(mktemp)
  printf '%s\n' "${POSTGRES_PASSWORD:-trusted}" > "$pwfile"
  # shellcheck disable=SC2086  # the arguments are several words on purpose
  initdb --no-sync --username="$user" --pwfile="$pwfile" ${POSTGRES_INITDB_ARGS:-}
  rm -f "$pwfile"
  echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
  if [ "${POSTGRES_DB:-$user}" != postgres ]; then
    pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
    PGPASSWORD=${POSTGRES_PASSWORD:-} createdb -h /var/run/postgresql -U "$user" "${POSTGRES_DB:-$user}"
    pg_ctl -D "$PGDATA" -w stop
  fi
}

role=${1:-postgres}
case $role in
  patroni) patroni_role ;;
  etcd) etcd_role ;;
  haproxy) haproxy_role ;;
  postgres) shift; postgres_role "$@" ;;
  # Keeps the container and its network while the harness starts and kills what runs in it.
  hold) exec sleep infinity ;;
  -*) postgres_role "$@" ;;
  *) exec "$@" ;;
esac
