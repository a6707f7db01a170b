import type { ProcessControl, ProcessState, ProcessTarget } from '../contracts/cluster.ts';
import { runScript, type ShelledMachine } from './run-script.ts';
import { isOfSecond } from './second-mark.ts';
import { serverProcesses } from './server-processes.ts';

/**
 * Shell: is_patroni NAME PID. Patroni is recognised by its program's name, or as the script or module that Python runs (the
 * first word of its command line after Python's own switches); the shaping relay is Python, too.
 */
export const isPatroni = `
is_patroni() {
  case $1 in patroni|patroni.py) return 0 ;; python*) ;; *) return 1 ;; esac
  program=$(tr '\\0' '\\n' < "/proc/$2/cmdline" 2>/dev/null | sed '1d; /^-/d' | sed -n 1p)
  case \${program##*/} in patroni|patroni.py) return 0 ;; *) return 1 ;; esac
}`;

/**
 * Finds a target's processes and signals them until every one has received the signal: a backend forked meanwhile is found
 * by the next search. Patroni comes first, and postmasters before their backends, so that nothing can restart what just
 * ended. SIGTERM, SIGINT and SIGHUP are requests: they are sent once, to the process that handles them.
 *
 * Only processes of this network namespace count: machines of a lab may share a pid namespace. A signal that harms and meets
 * no process is an error: a fault would be said to be in force that is not. Those of a second cluster that a fault has set up are not
 * the member's.
 * $1: postgres, patroni, node or etcd; $2: the signal without SIG, or LIST to print only the numbers, or AWAKE for those of
 * processes that are not frozen.
 */
const signalScript = `
${isPatroni}
${isOfSecond}
look() {
  servers= postmasters= managers= helpers= members=
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2>/dev/null || continue
    name=\${line#*(}; name=\${name%)*}; rest=\${line##*) }
    case $name in postgres|patroni|patroni.py|python*|etcd) ;; *) continue ;; esac
    state=\${rest%% *}; rest=\${rest#* }; parent=\${rest%% *}
    [ "$state" != Z ] && [ "$state" != X ] || continue
    case $3 in STOP) [ "$state" != T ] || continue ;; CONT) [ "$state" = T ] || continue ;; esac
    pid=\${stat#/proc/}; pid=\${pid%/stat}
    # Unreadable in a container without that right, where all processes are its own.
    [ ! -e "/proc/$pid/ns/net" ] || [ "/proc/$pid/ns/net" -ef /proc/self/ns/net ] || continue
    ! is_second "$pid" || continue
    { read -r above < "/proc/$parent/comm"; } 2>/dev/null || above=
    case $name in
      postgres)
        if [ "$above" = postgres ]; then servers="$servers $pid"; else postmasters="$postmasters $pid"; fi ;;
      etcd) members="$members $pid" ;;
      *)
        if is_patroni "$above" "$parent"; then helpers="$helpers $pid"
        elif is_patroni "$name" "$pid"; then managers="$managers $pid"; fi ;;
    esac
  done
  case $1$2 in
    postgres) echo $postmasters $servers ;;
    postgresone) echo $postmasters ;;
    patronione|nodeone) echo $managers ;;
    patroni) echo $managers $helpers ;;
    etcd) echo $members ;;
    node) echo $managers $helpers $postmasters $servers ;;
  esac
}
none() {
  echo "no process of $1 was found" >&2
  exit 1
}
case $2 in
  LIST) look "$1" '' LIST; exit 0 ;;
  AWAKE) look "$1" '' STOP; exit 0 ;;
  TERM|INT|HUP)
    set -- "$1" "$2" $(look "$1" one "$2")
    [ -n "\${3-}" ] || none "$1"
    kill -s "$2" "$3" || none "$1"
    exit 0 ;;
  CONT) ;;
  *) [ -n "$(look "$1" '' LIST)" ] || none "$1" ;;
esac
tries=0
while [ $tries -lt 500 ]; do
  pids=$(look "$1" '' "$2")
  [ -n "$pids" ] || exit 0
  kill -s "$2" $pids 2>/dev/null
  tries=$((tries + 1))
  sleep 0.01
done
echo "still there: $pids" >&2
exit 1`;

type Target = ProcessTarget | 'etcd';

/**
 * Signals and starts processes on one machine. `node` is the PostgreSQL member, Patroni and server. A DCS member on the
 * same machine stays up: it represents a DCS with machines of its own, and has faults of its own.
 * `startPatroni` is the backend's way to start it.
 */
export function processControl(
  machine: ShelledMachine,
  startPatroni: () => Promise<void>,
): ProcessControl {
  const isRunning = (target: ProcessTarget) => isProcessRunning(machine, target);
  return {
    ...serverProcesses(machine),
    isRunning,
    state: (target) => processState(machine, target),
    signal: (target, signal) => signalProcesses(machine, target, signal),
    // Only Patroni starts servers: one that starts by itself would be a primary that was not elected.
    start: async () => {
      if (!(await isRunning('patroni'))) await startPatroni();
    },
  };
}

/** Resolves when every process of the target has received it. Errors: ClusterError when some have not. */
export async function signalProcesses(
  machine: ShelledMachine,
  target: Target,
  signal: string,
): Promise<void> {
  const name = signal.slice('SIG'.length);
  await runScript(machine, `${signal} to ${target}`, [signalScript, target, name]);
}

/** Frozen or not. Errors: ClusterError when the search failed. */
export async function isProcessRunning(machine: ShelledMachine, target: Target): Promise<boolean> {
  const pids = await runScript(machine, `look for ${target}`, [signalScript, target, 'LIST']);
  return pids.trim() !== '';
}

/** Errors: ClusterError when the search failed. */
export async function processState(machine: ShelledMachine, target: Target): Promise<ProcessState> {
  const look = (which: string) =>
    runScript(machine, `look for ${target}`, [signalScript, target, which]);
  if ((await look('AWAKE')).trim() !== '') return 'running';
  return (await look('LIST')).trim() === '' ? 'gone' : 'frozen';
}
