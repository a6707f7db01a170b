#!/usr/bin/env bash
# Gets version 2 of `docker compose` where there is none, as on Debian 12: Debian 13's package, unpacked into the plugins of
# this user. Nothing else of this host changes.
# Variables: DEBIAN_MIRROR (default: the one that apt uses here, on Debian), DOCKER_CONFIG (as docker's own).
set -euo pipefail

say() { printf 'docker:compose: %s\n' "$*" >&2; }

plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins
if [ -x "$plugins/docker-compose" ] || docker compose version >/dev/null 2>&1; then
  say 'version 2 is there'
  exit
fi
command -v apt-get >/dev/null || {
  say 'this host has no apt; get the plugin from github.com/docker/compose/releases'
  exit 4
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
  grep -v -- '-security' | head -n 1 || true)}
[ -n "$mirror" ] || {
  say 'apt names no mirror here; name one of Debian with DEBIAN_MIRROR'
  exit 4
}
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$plugins"
touch "$work/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > "$work/sources.list"
private=(-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$work/lists" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -qq)
say "fetching Debian 13's docker-compose from $mirror"
apt-get "${private[@]}" update
(cd "$work" && apt-get "${private[@]}" download docker-compose)
dpkg-deb -x "$work"/docker-compose_*.deb "$work/content"
install -m 755 "$(find "$work/content" -name docker-compose -type f -perm -u+x | head -n 1)" "$plugins/docker-compose"
say "$("$plugins/docker-compose" version 2>/dev/null || echo "is at $plugins/docker-compose")"
