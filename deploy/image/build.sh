#!/usr/bin/env bash
# Builds the image of Forkpoint itself. Usage: build.sh [--own-base]
#   --own-base   on the base that `npm run docker:image -- --debootstrap` has made, with the Node of this machine: where no
#                image registry can be reached
# Variables: FORKPOINT_OWN_IMAGE (name of the result; default forkpoint:VERSION), BASE (another base image that has Node).
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'deploy:image: %s\n' "$*" >&2; }
fail() { say "$@"; exit 4; }

own_base=forkpoint-base:trixie
case ${1:-} in
  '') ;;
  --own-base) BASE=$own_base ;;
  *) say "unknown argument $1; there is --own-base"; exit 3 ;;
esac
docker version --format '{{.Server.Version}}' >/dev/null 2>&1 ||
  fail 'no Docker engine answers: start one, or name one with DOCKER_HOST'
if [ "${BASE:-}" = "$own_base" ]; then
  docker image inspect "$own_base" >/dev/null 2>&1 ||
    fail "there is no $own_base: npm run docker:image -- --debootstrap makes it"
fi

version=$(node -p 'require("./package.json").version')
image=${FORKPOINT_OWN_IMAGE:-forkpoint:$version}
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

say 'building the package'
npm run --silent build
mkdir -p "$context/app" "$context/node"
cp -r dist package.json package-lock.json LICENSE "$context/app"
# As the lock file has it. No scripts: nothing of it needs to be compiled.
(cd "$context/app" && npm ci --silent --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund)
rm "$context/app/package-lock.json"
if [ "${BASE:-}" = "$own_base" ]; then cp "$(node -p process.execPath)" "$context/node/node"; fi

say "building $image on ${BASE:-the base of its Dockerfile}"
# The classic builder finds a base image that only this engine has. --network host: the package mirror is reached as this
# host reaches it.
DOCKER_BUILDKIT=0 docker build --force-rm --network host ${BASE:+--build-arg "BASE=$BASE"} \
  -f deploy/image/Dockerfile -t "$image" "$context" ||
  fail "docker build of $image failed"
say "$image is ready"
