import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { processFacts, isAlive } from '../shared/process-identity.ts';

/** On everything that a run makes in the engine. */
export const runLabel = 'forkpoint.run';
export const pidLabel = 'forkpoint.owner.pid';
const startedLabel = 'forkpoint.owner.started';
const hostLabel = 'forkpoint.owner.host';
const bootLabel = 'forkpoint.owner.boot';

export type Labels = Readonly<Record<string, string>>;

/** Says whose it is: this process, so that a later one can tell whether it still lives. */
export function ownLabels(runId: string): Labels {
  return {
    [runLabel]: runId,
    [pidLabel]: String(process.pid),
    [startedLabel]: processFacts(process.pid)?.startedTicks ?? '',
    [hostLabel]: hostname(),
    [bootLabel]: bootId(),
  };
}

/**
 * Whether the process that made it has ended. Engines are shared: what another host's process made is never ours to
 * judge, and neither is what has no such labels.
 */
export function isOrphan(labels: Labels): boolean {
  const pid = Number(labels[pidLabel]);
  if (labels[runLabel] === undefined || !Number.isInteger(pid) || pid <= 0) return false;
  if (labels[hostLabel] !== hostname()) return false;
  if (labels[bootLabel] !== bootId()) return true;
  const startedTicks = labels[startedLabel] ?? '';
  return startedTicks === '' ? !answers(pid) : !isAlive({ pid, startedTicks });
}

/** Changes with every start of the kernel; '' where there is no /proc. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives, and is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
