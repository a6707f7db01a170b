/**
 * Bash, run at the machine it heals. Standard input is held by the harness: a line now and then renews the lease, `over`
 * ends it without doing anything, and silence for the lease, or the end of the input, heals.
 *
 * $1: lease in seconds; $2: who holds it; $3: file that says who was healed here last; $4...: files that take space.
 * Says `armed`, then `over` or `healed`. `healed` at once: this owner was healed before, and its connection broke.
 *
 * Touches what is ours only: chains called FP-*, traffic shaping put in force during the lease, ballast files, and servers
 * that were stopped during the lease.
 */
export const deadManScript = `
trap '' HUP INT TERM PIPE
lease=$1 owner=$2 mark=$3
shift 3
ballast=("$@")
exec 9>>"$mark" || exit 1
if command -v flock >/dev/null && ! flock -w 15 9; then echo busy; exit 1; fi
if [ "$(cat "$mark")" = "$owner" ]; then echo healed; exit; fi

stopped() {
  local stat line name rest pid
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2>/dev/null || continue
    rest=\${line##*) } name=\${line#*(} name=\${name%)*} pid=\${stat#/proc/} pid=\${pid%/stat}
    [ "\${rest%% *}" = T ] || continue
    case $name in postgres|patroni|python3*|etcd) ;; *) continue ;; esac
    [ "/proc/$pid/ns/net" -ef /proc/self/ns/net ] && echo "$pid"
  done
}
resume() {
  local pid
  for pid in $(stopped); do
    case " $before " in *" $pid "*) ;; *) kill -CONT "$pid" ;; esac
  done
}
clear_rules() {
  local rules
  rules=$(iptables -w -S) || return
  case $rules in *'-N FP-'*) ;; *) return 0 ;; esac
  {
    echo '*filter'
    sed -n 's/^-N \\(FP-.*\\)/:\\1 - [0:0]/p' <<< "$rules"
    sed -n 's/^-A \\([A-Z]* .*-j FP-\\)/-D \\1/p' <<< "$rules"
    sed -n 's/^-N \\(FP-.*\\)/-X \\1/p' <<< "$rules"
    echo COMMIT
  } | iptables-restore -w --noflush
}
free_disks() { [ \${#ballast[@]} = 0 ] || rm -f "\${ballast[@]}"; }
heal() { resume; clear_rules; free_disks; }

before=$(stopped | tr '\\n' ' ')
echo armed
while IFS= read -r -t "$lease" word; do
  [ "$word" = over ] && { echo over; exit; }
done
heal
printf '%s' "$owner" > "$mark"
echo healed
# A command that the harness had begun when it died may end after it, and do its harm only now.
for pause in 0.1 0.3 0.6 1 1; do sleep "$pause"; heal; done`;
