/**
 * Bash, run where it heals. Standard input is held by the harness: a line now and then renews the lease, `over` ends it
 * without doing anything, and silence for the lease, or the end of the input, heals.
 *
 * $1: lease in seconds; $2: who holds it; $3: file that says who was healed here last, or nothing.
 * Says `armed`, then `over` or `healed`; `busy` where another's timer is in force; `healed` at once where this owner was
 * healed before, and its connection broke.
 *
 * `healing`: bash functions `look`, called once before any harm, and `heal`, which must be harmless to repeat.
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
done
heal
[ -z "$mark" ] || printf '%s' "$owner" > "$mark"
echo healed
# A command that the harness had begun when it died may end after it, and do its harm only now.
for pause in 0.1 0.3 0.6 1 1; do sleep "$pause"; heal; done`;
}
