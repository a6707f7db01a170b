import type { ProcessControl, ProcessTarget } from '../../contracts/cluster.ts';
import { waitUntil } from '../../std/wait.ts';
import { startPatroni } from './daemons.ts';
import { hasEnded, processFacts } from '../../machine/process-identity.ts';
import { type NodeProcess, nodeProcesses, postmastersOf } from './processes.ts';
import type { LabRecord } from './record.ts';

type Signal = Parameters<ProcessControl['signal']>[1];

const goneTimeoutMs = 10_000;
const settledTimeoutMs = 5_000;

/**
 * Signals and starts what runs on one member. `node` is the PostgreSQL member, Patroni and server; the etcd member in
 * the same namespace stays up: three of them stand for a lock service that has machines of its own, and a fault
 * against the lock is another fault.
 *
 * SIGKILL, SIGSTOP and SIGCONT go to every process of the target. SIGTERM and SIGINT are requests, so they go to
 * the one that takes them: Patroni for `node` and `patroni`, which stops its server itself, the postmaster for
 * `postgres`. Sent to every backend they would be something no service manager does.
 */
export function processControl(record: LabRecord, node: string): ProcessControl {
  const look = (target: ProcessTarget) => processesOf(nodeProcesses(record, node), target);
  return {
    signal: async (target, signal) => {
      if (signal === 'SIGTERM' || signal === 'SIGINT') {
        send(mainOf(look(target), target), signal);
        return;
      }
      await signalAll(`${target} on ${node}`, () => look(target), signal);
    },
    // Only Patroni starts servers here: one that comes up by itself would be a primary nobody elected.
    start: async () => {
      if (look('patroni').length === 0) await startPatroni(record, node);
    },
    isRunning: (target) => Promise.resolve(look(target).length > 0),
  };
}

/** Signals what `look` finds until every process of it has taken the signal. Errors: ClusterError when some do not. */
export async function signalAll(
  what: string,
  look: () => readonly NodeProcess[],
  signal: Signal,
): Promise<void> {
  send(look(), signal);
  // A backend forked between the look and the signal is seen by the next look.
  await waitUntil(
    `${signal} has reached every process of ${what}`,
    () => {
      const rest = look().filter((process) => !isDone(process, signal));
      send(rest, signal);
      return rest.length === 0;
    },
    { timeoutMs: signal === 'SIGKILL' ? goneTimeoutMs : settledTimeoutMs, everyMs: 5 },
  );
}

/** Patroni first and postmasters before their backends: nobody is left to restart what just ended. */
function processesOf(all: readonly NodeProcess[], target: ProcessTarget): readonly NodeProcess[] {
  const postmasters = postmastersOf(all);
  const backends = all.filter((p) => p.kind === 'postgres' && !postmasters.includes(p));
  const servers = [...postmasters, ...backends];
  const managers = all.filter(({ kind }) => kind === 'patroni');
  if (target === 'postgres') return servers;
  return target === 'patroni' ? managers : [...managers, ...servers];
}

/** The one that takes requests: no child of another of the same kind. */
function mainOf(processes: readonly NodeProcess[], target: ProcessTarget): readonly NodeProcess[] {
  const kind = target === 'postgres' ? 'postgres' : 'patroni';
  const same = processes.filter((process) => process.kind === kind);
  const pids = new Set(same.map(({ pid }) => pid));
  return same.filter(({ parent }) => !pids.has(parent));
}

function isDone({ pid }: NodeProcess, signal: Signal): boolean {
  const facts = processFacts(pid);
  if (!facts || hasEnded(facts)) return true;
  if (signal === 'SIGSTOP') return facts.state === 'T';
  return signal === 'SIGCONT' && facts.state !== 'T';
}

function send(processes: readonly NodeProcess[], signal: Signal): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It ended in between, which is no worse than what it was about to be told.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
