#!/usr/bin/env bash
# Builds the image of the docker backend. Usage: build-image.sh [--debootstrap]
#   --debootstrap   makes the base image from a Debian mirror, where no image registry can be reached (root, Debian/Ubuntu)
# Variables: POSTGRES_MAJOR, PGDG_MIRROR, SUITE (Debian release; follows from those two), PATRONI_VERSION, ETCD_VERSION,
#   FORKPOINT_DOCKER_IMAGE (name of the result), DEBIAN_MIRROR (of --debootstrap).
set -euo pipefail
cd "$(dirname "$0")"

fail() { printf 'docker:image: %s\n' "$*" >&2; exit 4; }

# Each release of Debian has one PostgreSQL; PGDG has every one for trixie.
suite_for() {
  [ -z "${PGDG_MIRROR:-}" ] || { echo trixie; return; }
  case $1 in
    15) echo bookworm ;;
    17) echo trixie ;;
    18) echo forky ;;
    *) fail "no Debian release has PostgreSQL $1 (15, 17 and 18 are there). From PGDG: POSTGRES_MAJOR=$1" \
      'PGDG_MIRROR=https://apt.postgresql.org/pub/repos/apt npm run docker:image' ;;
  esac
}

major=${POSTGRES_MAJOR:-17}
suite=${SUITE:-$(suite_for "$major")}
image=${FORKPOINT_DOCKER_IMAGE:-forkpoint-cluster:pg$major}
base=debian:$suite-slim
# Pinned to the release line that this Debian has, as apt writes it. Other releases: the Dockerfile's own.
case $suite in
  bookworm) patroni='3.0.*' etcd='3.4.*' ;;
  forky) patroni='4.1.*' etcd='3.5.*' ;;
  *) patroni='' etcd='' ;;
esac
PATRONI_VERSION=${PATRONI_VERSION:-$patroni}
ETCD_VERSION=${ETCD_VERSION:-$etcd}

import_base() {
  local root script=()
  base=forkpoint-base:$suite
  docker image inspect "$base" >/dev/null 2>&1 && return
  [ "$(id -u)" = 0 ] || fail '--debootstrap must run as root: sudo npm run docker:image -- --debootstrap'
  command -v debootstrap >/dev/null || fail 'debootstrap is missing: apt-get install debootstrap'
  # A release younger than this host's debootstrap: all of Debian's are made alike.
  [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=(/usr/share/debootstrap/scripts/sid)
  root=$(mktemp -d)
  # shellcheck disable=SC2064  # root is local: its value is needed now
  trap "rm -rf '$root'" EXIT
  nice debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "${DEBIAN_MIRROR:-}" "${script[@]}" ||
    fail "debootstrap $suite failed; DEBIAN_MIRROR names another mirror"
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

# Of what is in it: whoever wants to know whether an image is of these sources compares (.ci/docker-engine).
sources=$(cat Dockerfile entrypoint.sh | sha256sum | cut -d ' ' -f 1)
arguments=(--label "forkpoint.sources=$sources" --build-arg "BASE=$base" --build-arg "POSTGRES_MAJOR=$major")
for name in PGDG_MIRROR PATRONI_VERSION ETCD_VERSION; do
  [ -z "${!name:-}" ] || arguments+=(--build-arg "$name=${!name}")
done
# The classic builder: it is in every engine, and finds a base image that only this engine has. --network host: the
# package mirror is reached as this host reaches it.
DOCKER_BUILDKIT=0 docker build --network host "${arguments[@]}" -t "$image" . || fail "docker build of $image failed"
printf 'docker:image: %s is ready\n' "$image"
