import type {
  ProcessControl,
  ProcessSignal,
  ServerProcess,
  ServerProcessKind,
} from '../contracts/cluster.ts';
import { ClusterError } from '../std/errors.ts';
import { runScript, type ShelledMachine } from './run-script.ts';
import { isOfSecond } from './second-mark.ts';

/**
 * Shell: is_server PID: a process of the member's PostgreSQL in this network namespace that has not ended; sets `state` and `above`.
 */
export const isServer = `
${isOfSecond}
is_server() {
  { read -r line < "/proc/$1/stat"; } 2>/dev/null || return 1
  name=\${line#*(}; name=\${name%)*}; rest=\${line##*) }
  [ "$name" = postgres ] || return 1
  state=\${rest%% *}; rest=\${rest#* }
  [ "$state" != Z ] && [ "$state" != X ] || return 1
  { read -r above < "/proc/\${rest%% *}/comm"; } 2>/dev/null || above=
  ! is_second "$1" || return 1
  # Unreadable in a container without that right, where all processes are its own.
  [ ! -e "/proc/$1/ns/net" ] || [ "/proc/$1/ns/net" -ef /proc/self/ns/net ]
}`;

/** Prints a line for each: pid, state, whether its parent is PostgreSQL, kB of memory, oom_score, oom_score_adj, title. */
const listScript = `
${isServer}
for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  is_server "$pid" || continue
  kb=0
  while read -r key value _; do
    case $key in VmRSS:|VmSwap:|VmPTE:) kb=$((kb + value)) ;; esac
  done < "$folder/status" 2>/dev/null
  { read -r adjustment < "$folder/oom_score_adj"; } 2>/dev/null || adjustment=0
  { read -r score < "$folder/oom_score"; } 2>/dev/null || score=0
  [ "$above" = postgres ] && is_child=1 || is_child=0
  printf '%s %s %s %s %s %s %s\\n' "$pid" "$state" "$is_child" "$kb" "$score" "$adjustment" "$(tr '\\0\\n' '  ' < "$folder/cmdline" 2>/dev/null)"
done
exit 0`;

/** $1: the signal without SIG; then process ids. Prints those that were there. */
const signalScript = `
${isServer}
signal=$1; shift
there=
for pid do is_server "$pid" && there="$there $pid"; done
[ -n "$there" ] || exit 0
kill -s "$signal" $there 2>/dev/null
tries=0
while [ $tries -lt 500 ]; do
  left=
  for pid in $there; do
    is_server "$pid" || continue
    case $signal in
      KILL) left="$left $pid" ;;
      STOP) [ "$state" = T ] || left="$left $pid" ;;
    esac
  done
  [ -n "$left" ] || { echo $there; exit 0; }
  tries=$((tries + 1))
  sleep 0.01
done
echo "did not take it: $left" >&2
exit 1`;

type ServerControl = Pick<ProcessControl, 'servers' | 'signalServers'>;

/** The processes of the PostgreSQL servers in one machine's network namespace. */
export function serverProcesses(machine: ShelledMachine): ServerControl {
  return {
    servers: async () =>
      readProcesses(await runScript(machine, 'look for PostgreSQL processes', [listScript])),
    signalServers: async (pids, signal) => {
      if (pids.length === 0) return [];
      const what = `${signal} to PostgreSQL processes ${pids.join(', ')}`;
      const argv = [signalScript, signalName(signal), ...pids.map(String)] as const;
      const said = await runScript(machine, what, [...argv]);
      return said.split(/\s+/).filter(Boolean).map(Number);
    },
  };
}

function signalName(signal: ProcessSignal): string {
  return signal.slice('SIG'.length);
}

/**
 * Shape: a line for each, as the script prints it.
 * Errors: ClusterError for any other line.
 */
export function readProcesses(text: string): readonly ServerProcess[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const fields = /^(\d+) (\S) ([01]) (\d+) (\d+) (-?\d+) ?(.*)$/.exec(line);
      if (!fields) throw new ClusterError(`not a line about a process: ${line}`);
      const [, pid, state, isChild, kilobytes, score, adjustment, title = ''] = fields;
      return {
        pid: Number(pid),
        kind: kindOf(title.trim(), isChild === '1'),
        title: title.trim(),
        isFrozen: state === 'T',
        memoryBytes: Number(kilobytes) * 1024,
        oomScore: Number(score),
        oomAdjustment: Number(adjustment),
      };
    });
}

/** What follows `postgres: ` and the cluster's name in a process's title. Source: PostgreSQL, ps_status.c, postmaster.c. */
const titles: readonly (readonly [ServerProcessKind | 'other', RegExp])[] = [
  ['checkpointer', /^checkpointer$/],
  ['background-writer', /^background writer$/],
  ['walwriter', /^walwriter$/],
  ['autovacuum-launcher', /^autovacuum launcher$/],
  ['archiver', /^archiver( .*)?$/],
  ['startup', /^startup( (recovering|waiting|reading|end-of-recovery|performing).*)?$/],
  ['walreceiver', /^walreceiver( streaming .*)?$/],
  // A physical one shows `streaming` and a position once it sends; a logical one the command that it is in.
  ['logical-walsender', /^walsender \S+( \S+)? (\[local\]|\S+\(\d+\)) START_REPLICATION$/],
  ['walsender', /^walsender \S+( \S+)? (\[local\]|\S+\(\d+\))/],
  ['backend', /^\S+ \S+ (\[local\]|\S+\(\d+\))( |$)/],
];

/**
 * A fork that has no title yet shows its parent's command, and so does the postmaster. A child whose postmaster is gone is no
 * postmaster.
 */
function kindOf(title: string, isChild: boolean): ServerProcess['kind'] {
  const [, own] = /^postgres: (.*)$/.exec(title) ?? [];
  if (own === undefined) return isChild ? 'other' : 'postmaster';
  // The cluster's name may contain anything, so each ending is tried.
  const parts = own.split(': ');
  const endings = parts.map((_, at) => parts.slice(at).join(': '));
  const known = titles.find(([, pattern]) => endings.some((ending) => pattern.test(ending)));
  return known?.[0] ?? 'other';
}
