/**
 * Shell: the path of libfaketime or '' for Debian's places, and the capabilities that are asked about, each between spaces, or
 * ' all ' -> one line per fact: name, yes, no or unknown, and what was seen,
 * with tabs between. Each thing is tried, not looked up by its version; queues in a network namespace that ends with the
 * try, so that nothing of the machine changes.
 */
export const probeScript = `asked=$2
fact() { printf '%s\\t%s\\t%s\\n' "$1" "$2" "$(printf '%s' "$3" | tr '\\n\\t' '  ' | tail -c 300)"; }
wants() { case $asked in ' all '|*" $1 "*) return 0 ;; *) return 1 ;; esac; }
program() {
  if found=$(command -v "$1" 2>/dev/null); then fact "$1" yes "$found"; else fact "$1" no "not found on PATH"; fi
}

uid=$(id -u)
if [ "$uid" = 0 ]; then fact root yes "commands run as root"; else fact root no "commands run as user $uid"; fi

if wants process || wants power; then
sleep 20 >/dev/null 2>&1 & victim=$!
if kill -STOP $victim 2>/dev/null; then
  tries=0; state=
  while [ $tries -lt 50 ]; do
    { read -r line < /proc/$victim/stat; } 2>/dev/null || line=
    rest=\${line##*) }; state=\${rest%% *}
    [ "$state" != T ] || break
    tries=$((tries + 1)); sleep 0.01
  done
  if [ "$state" = T ]; then fact signals yes "a process was frozen and ended"
  else fact signals no "a process that was sent SIGSTOP shows state '$state' in /proc"; fi
else fact signals no "SIGSTOP cannot be sent"; fi
kill -KILL $victim 2>/dev/null
fi

if wants network; then
if command -v iptables >/dev/null 2>&1; then
  if said=$(iptables -w 2 -S 2>&1); then fact iptables yes "$(iptables --version 2>&1)"
  else fact iptables no "iptables -S: $said"; fi
else fact iptables no "not found on PATH"; fi
program iptables-restore
if said=$(nft --version 2>&1); then fact nft yes "$said"; else fact nft no "not found on PATH"; fi
fi

if wants shaping; then
if command -v tc >/dev/null 2>&1; then fact tc yes "$(tc -V 2>&1)"; else fact tc no "not found on PATH"; fi
queues='
add() {
  if said=$(tc qdisc add dev lo root "$@" 2>&1); then printf "%s\\tyes\\tworks\\n" "$1"; tc qdisc del dev lo root
  else printf "%s\\tno\\t%s\\n" "$1" "$said"; fi
}
add htb default 2; add tbf rate 1mbit burst 4096 latency 200ms; add netem delay 1ms'
if said=$(unshare -n sh -c "$queues" 2>&1); then printf '%s\n' "$said"
else for queue in htb tbf netem; do fact $queue unknown "not tried: unshare -n: $said"; done; fi
# mknod makes the file where only that is missing, so the driver is what counts.
if [ -e /dev/net/tun ] || grep -q ' tun$' /proc/misc 2>/dev/null; then fact tun yes "/dev/net/tun"
else fact tun no "no /dev/net/tun"; fi
fi

if wants shaping || wants power || wants io; then
if said=$(python3 --version 2>&1); then fact python3 yes "$said"; else fact python3 no "not found on PATH"; fi
fi

if wants disk; then
missing=
for one in df stat truncate fallocate; do command -v $one >/dev/null 2>&1 || missing="$missing $one"; done
if [ -z "$missing" ]; then fact 'disk tools' yes "df, stat, truncate, fallocate"; else fact 'disk tools' no "not found on PATH:$missing"; fi
fi

if wants files; then
missing=
for one in cp du; do command -v $one >/dev/null 2>&1 || missing="$missing $one"; done
if [ -z "$missing" ]; then fact 'copy tools' yes "cp, du"; else fact 'copy tools' no "not found on PATH:$missing"; fi
fi

if wants clock; then
library=$1
[ -n "$library" ] || for library in /usr/lib/*/faketime/libfaketimeMT.so.1; do break; done
if [ ! -e "$library" ]; then fact libfaketime no "no $library"
elif said=$(LD_PRELOAD="$library" FAKETIME=-1d date 2>&1 >/dev/null) && [ -z "$said" ]; then fact libfaketime yes "$library"
else fact libfaketime no "$library cannot be preloaded: $said"; fi
fi

if wants io; then
mounted='
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
if libc.mount(b"probe", b"/tmp", b"fuse.probe", 0, options) != 0: sys.exit("mount: " + os.strerror(ctypes.get_errno()))'
# In a mount namespace of its own, which ends with the attempt.
if said=$(unshare -m python3 -IS -c "$mounted" 2>&1); then fact fuse yes "a file system in userspace was mounted"
else fact fuse no "$said"; fi
fi

if wants power; then
if [ -e /dev/loop-control ]; then fact 'loop devices' yes "/dev/loop-control"; else fact 'loop devices' no "no /dev/loop-control"; fi
program mkfs.ext4
fi

if wants all; then
program bash
if [ -d /run/systemd/system ]; then fact systemd yes "$(systemctl --version 2>/dev/null | head -n 1)"; else fact systemd no "another init runs here"; fi
freezer=
for one in /sys/fs/cgroup/*/cgroup.freeze /sys/fs/cgroup/freezer; do [ ! -e "$one" ] || { freezer=$one; break; }; done
if [ -z "$freezer" ]; then fact 'cgroup freezer' no "none below /sys/fs/cgroup"
elif [ -w "$freezer" ]; then fact 'cgroup freezer' yes "$freezer"
else fact 'cgroup freezer' no "$freezer cannot be written"; fi
fi
`;
