/**
 * Bash script of a dead-man timer. Runs on the machine that it heals. The harness holds its standard input: a line now and
 * then renews the lease, `over` ends the script without an action, and silence for the lease, or the end of input, heals.
 *
 * $1: lease in seconds; $2: the owner; $3: file that names the owner healed here last, or nothing.
 * Prints `armed`, `held` for each renewal, then `over` or `healed`; `busy` where another owner's timer is in force; `healed` at once if this owner
 * was healed before, when its connection broke.
 *
 * `healing`: bash functions `look`, called once before any injection, and `heal`, which must be harmless to repeat.
 */
export function deadManScript(healing: string): string {
  return `
trap '' HUP INT TERM PIPE
lease=$1 owner=$2 mark=$3
if [ -n "$mark" ]; then
  exec 9>>"$mark" || exit 1
  if command -v flock >/dev/null && ! flock -w 15 9; then echo busy; exit 1; fi
  if [ "$(cat "$mark")" = "$owner" ]; then echo healed; exit; fi
fi
${healing}

look
echo armed
while IFS= read -r -t "$lease" word; do
  [ "$word" = over ] && { echo over; exit; }
  echo held
done
heal
[ -z "$mark" ] || printf '%s' "$owner" > "$mark"
echo healed
# A command that the harness started before it died may end after it, and only then inject its fault.
for pause in 0.1 0.3 0.6 1 1; do sleep "$pause"; heal; done`;
}
