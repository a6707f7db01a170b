#!/usr/bin/env bash
# Brings up a Docker engine and the project's image on a bare Debian machine. Usage: engine.sh start|stop
# Idempotent: an engine that runs already is used and left alone. `stop` ends what `start` started, and puts the host's
# network back as it was; images and packages stay.
set -euo pipefail
cd "$(dirname "$0")"

state=${FORKPOINT_ENGINE_STATE:-/run/forkpoint-engine}

answers() { docker version >/dev/null 2>&1; }
fail() { printf 'docker:engine: %s\n' "$*" >&2; exit 4; }
say() { printf 'docker:engine: %s\n' "$*" >&2; }

install_engine() {
  local program missing=()
  for program in dockerd iptables ip debootstrap; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "${missing[*]}: not here, and neither is apt-get to bring it"
  say "installing what brings ${missing[*]}: apt-get install docker.io iptables iproute2 debootstrap"
  # The package would start a service of its own: this one is started and stopped here.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 0755 $policy
    trap "rm -f $policy" RETURN
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 \
    docker.io iptables iproute2 debootstrap ca-certificates >/dev/null
}

# Machines without an init system may have no control groups mounted.
mount_cgroups() {
  grep -q ' cgroup2\? ' /proc/mounts && return
  mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  touch "$state/cgroups"
  local controller
  for controller in $(awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups); do
    mkdir -p "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
  done
}

unmount_cgroups() {
  local controller
  # An engine leaves the groups that it put its containers below.
  for controller in /sys/fs/cgroup/*/; do rmdir "$controller"docker 2>/dev/null || :; done
  umount -R /sys/fs/cgroup || say '/sys/fs/cgroup is in use, and stays mounted'
}

forwarding() { ls -d /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/*/forwarding 2>/dev/null || :; }
rules() { "$1" -t "$2" -S 2>/dev/null || :; }

# What an engine changes of the host's network: forwarding, bridges, rules.
remember_network() {
  local file tool table
  for file in $(forwarding); do printf '%s %s\n' "$file" "$(cat "$file")"; done > "$state/forwarding"
  ls /sys/class/net > "$state/links"
  for tool in iptables ip6tables; do
    for table in filter nat; do rules $tool $table > "$state/$tool.$table"; done
  done
}

restore_network() {
  local link tool table file value
  for link in $(ls /sys/class/net | grep -vxFf "$state/links"); do
    case $link in docker0 | br-????????????) ip link delete "$link" ;; esac
  done
  for tool in iptables ip6tables; do
    for table in filter nat; do forget_rules $tool $table; done
  done
  while read -r file value; do
    [ ! -e "$file" ] || [ "$(cat "$file")" = "$value" ] || echo "$value" > "$file"
  done < "$state/forwarding"
}

# Rules that name the engine's chains or bridges, then these chains, as far as they were not there before. The policy of
# FORWARD, which the engine sets to DROP when it turns forwarding on.
forget_rules() {
  local tool=$1 table=$2 before=$state/$1.$2 line
  [ -s "$before" ] || [ -n "$(rules "$tool" "$table")" ] || return 0
  local added
  added=$(rules "$tool" "$table" | grep -vxFf <(cat "$before"; echo '-none') || :)
  while read -r line; do
    # xargs takes the quotes of comments apart, as a shell would.
    printf -- '-D %s\n' "${line#-A }" | xargs "$tool" -t "$table"
  done < <(grep -E '^-A' <<< "$added" | grep -E 'DOCKER|docker0|br-[0-9a-f]{12}' || :)
  while read -r line; do "$tool" -t "$table" -X "${line#-N }"; done < <(grep '^-N DOCKER' <<< "$added" || :)
  line=$(grep '^-P FORWARD ' "$before" || :)
  # shellcheck disable=SC2086  # three words
  [ -z "$line" ] || "$tool" -t "$table" $line
}

start_engine() {
  answers && return
  [ "$(id -u)" = 0 ] || fail 'no engine answers, and only root can install and start one. Start it, or name one with DOCKER_HOST'
  install_engine
  mkdir -p "$state"
  remember_network
  if [ -d /run/systemd/system ]; then
    touch "$state/service"
    systemctl start docker || fail 'systemctl start docker failed; journalctl -u docker says why'
    return
  fi
  mount_cgroups
  # Of an engine that was killed; no engine answers.
  rm -f /var/run/docker.pid
  setsid "$(command -v dockerd)" --pidfile "$state/pid" > "$state/log" 2>&1 < /dev/null &
  local try
  for try in $(seq 1 300); do
    answers && return
    sleep 0.2
  done
  tail -n 20 "$state/log" >&2
  fail "the engine did not answer in 60 s; its log: $state/log"
}

stop_engine() {
  local pid
  [ -d "$state" ] || return 0
  if [ -e "$state/service" ]; then
    systemctl stop docker docker.socket
  elif [ -s "$state/pid" ]; then
    pid=$(cat "$state/pid")
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
      kill "$pid"
      for _ in $(seq 1 150); do
        [ -d "/proc/$pid" ] || break
        sleep 0.2
      done
      [ ! -d "/proc/$pid" ] || fail "the engine (process $pid) does not end"
    fi
  fi
  restore_network
  [ ! -e "$state/cgroups" ] || unmount_cgroups
  rm -rf "$state"
}

case ${1:-} in
  start)
    start_engine
    ./build-image.sh --needed
    say "$(docker version --format '{{.Server.Version}}') answers"
    ;;
  stop) stop_engine ;;
  *) echo 'usage: engine.sh start|stop' >&2; exit 3 ;;
esac
