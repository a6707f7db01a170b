import type { ProcessControl } from '../../contracts/cluster.ts';
import { processControl } from '../../machine/processes.ts';
import { runScript, type ShelledMachine } from '../../machine/run-script.ts';
import { waitUntil } from '../../std/wait.ts';

/**
 * The kubelet starts a container again as soon as its first process ends, and a dead node would be back within a second. So the
 * first process is frozen before those that it runs are killed, unless it is Patroni or the server itself.
 */
const holdScript = `[ -n "$FORKPOINT_INIT" ] || exit 0
read -r name < "/proc/$FORKPOINT_INIT/comm" || exit 0
case $name in postgres|patroni|python*) exit 0 ;; esac
kill -STOP "$FORKPOINT_INIT"`;

/** Ends the container, which the kubelet then starts again. Harmless where another one runs already. */
const releaseScript = `[ -n "$FORKPOINT_INIT" ] || exit 0
kill -CONT "$FORKPOINT_INIT" 2>/dev/null; kill -KILL "$FORKPOINT_INIT" 2>/dev/null; exit 0`;

/** The kubelet waits longer each time that a container ends. */
const startTimeoutMs = 90_000;

/** Processes of a pod: what was killed stays dead until it is started, by ending its container. */
export function podProcesses(
  machine: ShelledMachine,
  { hasPatroni }: { readonly hasPatroni: boolean },
): ProcessControl {
  // What starts in the container, and starts the rest: a server of its own has no Patroni to wait for.
  const first = hasPatroni ? 'patroni' : 'postgres';
  const endContainer = async () => {
    await runScript(machine, 'end its container', [releaseScript]);
    const what = `the kubelet has started the container of ${machine.name} again`;
    await waitUntil(what, () => control.isRunning(first), { timeoutMs: startTimeoutMs });
  };
  const control = processControl(machine, endContainer);
  return {
    ...control,
    start: async () => {
      if (!(await control.isRunning(first))) await endContainer();
    },
    signal: async (target, signal) => {
      const endsContainer = target !== 'postgres' && signal !== 'SIGSTOP' && signal !== 'SIGCONT';
      if (endsContainer) await runScript(machine, 'hold its container', [holdScript]);
      await control.signal(target, signal);
    },
  };
}
