import type { ProcessControl, ProcessTarget } from '../../contracts/cluster.ts';
import { ClusterError } from '../../std/errors.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';

/**
 * Finds a target's processes and signals them until every one has taken it: a backend forked between the look and the
 * signal is seen by the next look. Patroni first and postmasters before their backends, so that nobody is left to
 * restart what just ended. SIGTERM and SIGINT are requests: they go once, to the one that takes them.
 * $1: postgres, patroni, node or etcd; $2: the signal without SIG, or LIST to print the numbers only.
 */
const signalScript = `
look() {
  servers= postmasters= managers= helpers= locks=
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2>/dev/null || continue
    name=\${line#*(}; name=\${name%)*}; rest=\${line##*) }
    state=\${rest%% *}; rest=\${rest#* }; parent=\${rest%% *}
    [ "$state" != Z ] && [ "$state" != X ] || continue
    case $3 in STOP) [ "$state" != T ] || continue ;; CONT) [ "$state" = T ] || continue ;; esac
    pid=\${stat#/proc/}; pid=\${pid%/stat}
    { read -r above < "/proc/$parent/comm"; } 2>/dev/null || above=
    case $name in
      postgres)
        if [ "$above" = postgres ]; then servers="$servers $pid"; else postmasters="$postmasters $pid"; fi ;;
      patroni|python3*)
        case $above in patroni|python3*) helpers="$helpers $pid" ;; *) managers="$managers $pid" ;; esac ;;
      etcd) locks="$locks $pid" ;;
    esac
  done
  case $1$2 in
    postgres) echo $postmasters $servers ;;
    postgresone) echo $postmasters ;;
    patronione|nodeone) echo $managers ;;
    patroni) echo $managers $helpers ;;
    etcd) echo $locks ;;
    node) echo $managers $helpers $postmasters $servers ;;
  esac
}
case $2 in
  LIST) look "$1" '' LIST; exit 0 ;;
  TERM|INT) set -- "$1" "$2" $(look "$1" one "$2"); [ -z "\${3-}" ] || kill -s "$2" "$3"; exit 0 ;;
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

/**
 * Signals and starts what runs in one member's container. The container itself stays: its address, its packet rules and
 * its files are the machine, and a killed machine that comes back has them all.
 */
export function processControl(
  access: Access,
  box: Box,
  startPatroni: () => Promise<void>,
): ProcessControl {
  const isRunning = (target: ProcessTarget) => isRunningIn(access, box, target);
  return {
    isRunning,
    signal: (target, signal) => signalIn(access, box, { target, signal }),
    // Only Patroni starts servers here: one that comes up by itself would be a primary nobody elected.
    start: async () => {
      if (!(await isRunning('patroni'))) await startPatroni();
    },
  };
}

type Target = ProcessTarget | 'etcd';

/** Resolves when every process of the target has taken it. Errors: ClusterError when some do not. */
export async function signalIn(
  access: Access,
  box: Box,
  { target, signal }: { readonly target: Target; readonly signal: string },
): Promise<void> {
  await look(access, box, [target, signal.slice('SIG'.length)]);
}

export async function isRunningIn(access: Access, box: Box, target: Target): Promise<boolean> {
  return (await look(access, box, [target, 'LIST'])) !== '';
}

async function look(
  access: Access,
  box: Box,
  [target, signal]: readonly [Target, string],
): Promise<string> {
  const argv = ['sh', '-c', signalScript, 'sh', target, signal];
  const { exitCode, stdout, stderr } = await access.shell(box).run(argv);
  if (exitCode === 0) return stdout.trim();
  throw new ClusterError(`${box.name}: SIG${signal} to ${target}: ${stderr.trim()}`);
}
