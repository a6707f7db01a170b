import type { StrayControl } from '../contracts/cluster.ts';
import { asOwner } from './as-owner.ts';
import { isProcessRunning } from './processes.ts';
import { isServer } from './server-processes.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

/** The server's own setting that marks it: a name with a dot is free for anyone's use. */
const mark = 'forkpoint.stray';

/**
 * $1: data folder; $2: log; $3: the mark. The program is the one that ran on these data last (postmaster.opts).
 */
const startScript = `
${isServer}
[ -s "$1/postmaster.opts" ] || { echo "no server has run on the data in $1" >&2; exit 1; }
{ read -r pid < "$1/postmaster.pid"; } 2>/dev/null || pid=
if [ -n "$pid" ] && is_server "$pid"; then
  echo "PostgreSQL runs there already, as process $pid: end it first, as stop-node and kill-node do" >&2
  exit 1
fi
program=$(sed -n '1s/ .*//p' "$1/postmaster.opts")
owner=$(stat -c %u "$1") group=$(stat -c %g "$1")
${asOwner}
: >> "$2" && chown "$owner:$group" "$2" && cd / || exit 1
$as env -i PATH="$PATH" LC_ALL=C.UTF-8 TZ=UTC "\${program%/*}/pg_ctl" start -s -w -t 20 \\
  -D "$1" -l "$2" -o "-c $3" >&2 && exit 0
tail -n 5 "$2" >&2
exit 1`;

/** Shell: stray MARK prints the postmaster that bears it, or any that begins with it, in this network namespace. */
const findStray = `
stray() {
  case $1 in *=) whole= ;; *) whole=-x ;; esac
  for folder in /proc/[0-9]*; do
    { read -r line < "$folder/stat"; } 2>/dev/null || continue
    name=\${line#*(}; name=\${name%)*}; rest=\${line##*) }
    [ "$name" = postgres ] && [ "\${rest%% *}" != Z ] && [ "\${rest%% *}" != X ] || continue
    [ ! -e "$folder/ns/net" ] || [ "$folder/ns/net" -ef /proc/self/ns/net ] || continue
    tr '\\0' '\\n' < "$folder/cmdline" 2>/dev/null | grep -qF $whole -e "$1" && echo "\${folder#/proc/}"
  done
}`;

/** $1: the mark. After a fast shutdown that takes too long an immediate one follows. */
const stopScript = `
${findStray}
for signal in INT QUIT; do
  pids=$(stray "$1")
  [ -n "$pids" ] || exit 0
  kill -s "$signal" $pids 2>/dev/null
  tries=0
  while [ -n "$(stray "$1")" ] && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
done
[ -z "$(stray "$1")" ] || { echo "still there: $(stray "$1")" >&2; exit 1; }`;

const lookScript = `
${findStray}
stray "$1"
exit 0`;

export interface StrayPlace extends ShelledMachine {
  readonly dataFolder: string;
  readonly log: string;
}

/** Starts and ends a server that Patroni does not know on one machine. */
export function strayControl({ dataFolder, log, ...machine }: StrayPlace): StrayControl {
  return {
    start: async (tag) => {
      const argv = [startScript, dataFolder, log, markOf(tag)] as const;
      await runScript(machine, 'start of PostgreSQL past Patroni', [...argv]);
    },
    stop: async (tag) => {
      if (await isProcessRunning(machine, 'patroni')) return;
      await runScript(machine, 'stop of the server past Patroni', [stopScript, markOf(tag)]);
    },
    isRunning: async (tag) => {
      const what = 'look for the server past Patroni';
      return (await runScript(machine, what, [lookScript, markOf(tag)])).trim() !== '';
    },
  };
}

/** Without a tag: what every mark begins with. */
function markOf(tag = ''): string {
  return `${mark}=${tag.replace(/[^\w.-]/g, '-')}`;
}
