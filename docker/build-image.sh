#!/usr/bin/env bash
# Builds the image of the docker backend. Usage: build-image.sh [--debootstrap | --needed]
#   --debootstrap   makes the base image from a Debian mirror, where no image registry can be reached (root, Debian/Ubuntu)
#   --needed        only where the image is absent or of other sources; --debootstrap by itself where no registry answers
# Variables: POSTGRES_MAJOR, PGDG_MIRROR, SUITE (Debian release; follows from those two), PATRONI_VERSION, ETCD_VERSION,
#   FORKPOINT_DOCKER_IMAGE (name of the result; its tag pgNN is the version where POSTGRES_MAJOR is not given),
#   DEBIAN_MIRROR (of --debootstrap).
set -euo pipefail
cd "$(dirname "$0")"

say() { printf 'docker:image: %s\n' "$*" >&2; }
fail() { say "$@"; exit 4; }

# What a person types: a clone has npm scripts for these files, the npm package does not.
image_command="bash $PWD/build-image.sh" engine_command="bash $PWD/engine.sh"
if [ -e ../tsconfig.json ]; then image_command='npm run docker:image --' engine_command='npm run docker:engine --'; fi

# Each release of Debian has one PostgreSQL; PGDG has every one for trixie.
suite_for() {
  [ -z "${PGDG_MIRROR:-}" ] || { echo trixie; return; }
  case $1 in
    15) echo bookworm ;;
    17) echo trixie ;;
    18) echo forky ;;
    *) fail "no Debian release has PostgreSQL $1 (15, 17 and 18 are there). From PGDG: POSTGRES_MAJOR=$1" \
      "PGDG_MIRROR=https://apt.postgresql.org/pub/repos/apt ${image_command% --}" ;;
  esac
}

# An image called :pg15 with another PostgreSQL in it would be a lie in every report.
major_of() {
  local named
  named=$(sed -nE 's/.*:pg([0-9]+)$/\1/p' <<< "$1")
  [ -z "${POSTGRES_MAJOR:-}" ] || [ "${named:-$POSTGRES_MAJOR}" = "$POSTGRES_MAJOR" ] ||
    fail "FORKPOINT_DOCKER_IMAGE=$1 says PostgreSQL $named and POSTGRES_MAJOR says $POSTGRES_MAJOR: give one of them"
  echo "${POSTGRES_MAJOR:-${named:-17}}"
}

major=$(major_of "${FORKPOINT_DOCKER_IMAGE:-}")
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
# Of what is in it: whoever wants to know whether an image is of these sources compares.
sources=$(cat Dockerfile entrypoint.sh | sha256sum | cut -d ' ' -f 1)

require_engine() {
  local said
  command -v docker >/dev/null || fail 'there is no docker command: install Docker. Debian, as root:' \
    "$engine_command start"
  said=$(docker version --format '{{.Server.Version}}' 2>&1) || fail "no engine answers: ${said##*$'\n'}." \
    "Start one (systemctl start docker, or Docker Desktop; bare Debian, as root: $engine_command start)," \
    'or name one with DOCKER_HOST'
}

has() { docker image inspect "$1" >/dev/null 2>&1; }
is_current() {
  [ "$(docker image inspect -f '{{index .Config.Labels "forkpoint.sources"}}' "$image" 2>/dev/null)" = "$sources" ]
}

import_base() {
  local script=()
  base=forkpoint-base:$suite
  ! has "$base" || return 0
  [ "$(id -u)" = 0 ] || fail "--debootstrap must run as root: sudo $image_command --debootstrap"
  command -v debootstrap >/dev/null || fail 'debootstrap is missing: apt-get install debootstrap'
  # A release younger than this host's debootstrap: all of Debian's are made alike.
  [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=(/usr/share/debootstrap/scripts/sid)
  root=$(mktemp -d)
  say "making Debian $suite from ${DEBIAN_MIRROR:-its mirror} with debootstrap; half a minute on an idle machine"
  nice debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "${DEBIAN_MIRROR:-}" "${script[@]}" ||
    fail "debootstrap $suite failed; DEBIAN_MIRROR names another mirror"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  tar -C "$root" -c . | docker import - "$base" >/dev/null
  new_base=$base
}

pull_base() {
  ! has "$base" || return 0
  say "pulling $base"
  docker pull "$base" && new_base=$base
}

# Nothing of a build that failed stays: no folder, no layer, no base that was made for it.
root='' new_base='' before=''
dangling() { docker images -q --no-trunc --filter dangling=true; }
end() {
  local status=$?
  [ -z "$root" ] || rm -rf "$root"
  [ "$status" -ne 0 ] || return 0
  [ -z "$before" ] || dangling | grep -vxF "$before" | xargs -r docker image rm >/dev/null 2>&1 || :
  [ -z "$new_base" ] || docker image rm "$new_base" >/dev/null 2>&1 || :
}

build() {
  local name arguments=(--label "forkpoint.sources=$sources" --build-arg "BASE=$base" --build-arg "POSTGRES_MAJOR=$major")
  for name in PGDG_MIRROR PATRONI_VERSION ETCD_VERSION; do
    [ -z "${!name:-}" ] || arguments+=(--build-arg "$name=${!name}")
  done
  before="none $(dangling)"
  before=${before// /$'\n'}
  say "building $image (PostgreSQL $major) on $base: some minutes, most of them apt's"
  # The classic builder: it is in every engine, and finds a base image that only this engine has. --network host: the
  # package mirror is reached as this host reaches it.
  DOCKER_BUILDKIT=0 nice docker build --force-rm --network host "${arguments[@]}" -t "$image" . ||
    fail "docker build of $image failed"
}

case ${1:-} in
  '' | --debootstrap | --needed) ;;
  *) fail "unknown argument $1; there are --debootstrap and --needed" ;;
esac
require_engine
if [ "${1:-}" = --needed ] && is_current; then exit 0; fi
trap end EXIT
case ${1:-} in
  --debootstrap) import_base ;;
  --needed) { ! has "forkpoint-base:$suite" && pull_base; } || import_base ;;
  '')
    pull_base || fail \
      "no registry gave $base. Where there is none (Debian or Ubuntu, as root): $image_command --debootstrap"
    ;;
esac
build
say "$image is ready"
