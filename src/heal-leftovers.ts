import type { Cluster } from './contracts/cluster.ts';
import type { RunEvent } from './contracts/evidence.ts';
import { messageOf } from './errors.ts';
import { applyUndo } from './undo.ts';

const undoTimeoutMs = 30_000;

/**
 * Undoes what a harness that died could not, from what it journaled before each harm: newest first, each step harmless
 * where there is nothing to undo, and every one tried. Returns one sentence per step that failed.
 */
export async function healLeftovers(
  cluster: Cluster,
  events: readonly RunEvent[],
): Promise<readonly string[]> {
  const ids = new Set(unhealed(events));
  const failures: string[] = [];
  for (const event of events.toReversed()) {
    if (event.type !== 'undo' || !ids.has(event.id)) continue;
    try {
      await applyUndo(event.step, { cluster, signal: AbortSignal.timeout(undoTimeoutMs) });
    } catch (error) {
      failures.push(`${event.id}: ${event.step.do} failed: ${messageOf(error)}`);
    }
  }
  return failures;
}

/** Injections that began and are not known to have been healed. */
export function unhealed(events: readonly RunEvent[]): readonly string[] {
  const healed = new Set(events.flatMap((event) => (event.type === 'healed' ? [event.id] : [])));
  return events.flatMap((event) =>
    event.type === 'inject' && !healed.has(event.id) ? [event.id] : [],
  );
}
