import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { RunEvent } from '../../contracts/evidence.ts';

/**
 * Whether a run's harness still works on its cluster. One that holds the cluster after the report (`--keep`) does not: it
 * has healed, read and judged, and waits for its user.
 */
export function isUnderWay(directory: string, events: readonly RunEvent[]): boolean {
  return isHeldOpen(path.join(directory, 'events.jsonl')) && !isHeld(events);
}

/** Whether the run is judged and its teardown has not begun. */
export function isHeld(events: readonly RunEvent[]): boolean {
  const phases = events.filter((event) => event.type === 'phase');
  const last = phases.at(-1);
  return last?.phase === 'judge' && last.edge === 'end';
}

/**
 * Whether a process of this host holds a file open: the harness of a run keeps events.jsonl open for as long as it
 * lives, and a file tells that without pids, which are used again.
 * Shape: /proc, so false on systems other than Linux; of other users' processes only root can tell.
 */
export function isHeldOpen(file: string): boolean {
  const wanted = statSync(file, { throwIfNoEntry: false });
  if (!wanted) return false;
  if (!existsSync('/proc/self/fd')) return false;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) =>
    descriptorsOf(pid).some((descriptor) => {
      const found = lookAt(`/proc/${pid}/fd/${descriptor}`);
      return found?.ino === wanted.ino && found.dev === wanted.dev;
    }),
  );
}

function descriptorsOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

/** Undefined: closed since, or another user's. */
function lookAt(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
