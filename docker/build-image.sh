#!/usr/bin/env bash
# Builds the image of the docker backend. Usage: build-image.sh [--debootstrap]
#   --debootstrap   makes the base image from a Debian mirror, where no image registry can be reached (root, Debian/Ubuntu)
# Variables: FORKPOINT_DOCKER_IMAGE (name of the result), POSTGRES_MAJOR, PGDG_MIRROR, PATRONI_VERSION, ETCD_VERSION,
#   DEBIAN_MIRROR (of --debootstrap).
set -euo pipefail
cd "$(dirname "$0")"

suite=trixie
major=${POSTGRES_MAJOR:-17}
image=${FORKPOINT_DOCKER_IMAGE:-forkpoint-cluster:pg$major}
base=debian:$suite-slim

fail() { printf 'docker:image: %s\n' "$*" >&2; exit 4; }

import_base() {
  local root
  base=forkpoint-base:$suite
  docker image inspect "$base" >/dev/null 2>&1 && return
  [ "$(id -u)" = 0 ] || fail '--debootstrap must run as root: sudo npm run docker:image -- --debootstrap'
  command -v debootstrap >/dev/null || fail 'debootstrap is missing: apt-get install debootstrap'
  root=$(mktemp -d)
  # shellcheck disable=SC2064  # root is local: its value is needed now
  trap "rm -rf '$root'" EXIT
  nice debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" \
    ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} || fail "debootstrap $suite failed; DEBIAN_MIRROR names another mirror"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  tar -C "$root" -c . | docker import - "$base" >/dev/null
}

case ${1:-} in
  --debootstrap) import_base ;;
  '')
    docker image inspect "$base" >/dev/null 2>&1 || docker pull "$base" || fail \
      "no registry gave $base. Where there is none (Debian or Ubuntu, as root): npm run docker:image -- --debootstrap"
    ;;
  *) fail "unknown argument $1; there is only --debootstrap" ;;
esac

arguments=(--build-arg "BASE=$base" --build-arg "POSTGRES_MAJOR=$major")
for name in PGDG_MIRROR PATRONI_VERSION ETCD_VERSION; do
  [ -z "${!name:-}" ] || arguments+=(--build-arg "$name=${!name}")
done
# The classic builder: it is in every engine, and finds a base image that only this engine has. --network host: the
# package mirror is reached as this host reaches it.
DOCKER_BUILDKIT=0 docker build --network host "${arguments[@]}" -t "$image" . || fail "docker build of $image failed"
printf 'docker:image: %s is ready\n' "$image"
