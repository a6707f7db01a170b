import type { RunEvent } from '../../contracts/evidence.ts';
import type { Result, UnplannedChange } from '../../contracts/result.ts';

/**
 * Servers that ended or started without a step of the run, from the events of the watch: a start belongs to the end before
 * it. null if some node was never seen, or if its state at the end is unknown. Absent if no server's start was recorded, as
 * in older versions.
 * Units: milliseconds since `originMs`, the start of the load, on the events' clock.
 */
export function unplannedChanges(
  events: readonly RunEvent[],
  originMs: number,
): Pick<Result, 'unplanned'> {
  const unseen = nodesWithoutStart(events);
  if (unseen === undefined) return {};
  const changes: UnplannedChange[] = [];
  let isKnown = unseen.length === 0;
  for (const event of events) {
    if (event.type !== 'unplanned') continue;
    const { node, what, agoMs } = event;
    const untilMs = Math.round(event.atMs - originMs);
    const fromMs = Math.round(untilMs - agoMs);
    if (what === 'unknown') isKnown = false;
    else if (what !== 'started') changes.push({ node, what, fromMs, untilMs });
    else
      changes.push({ node, what: 'restarted', fromMs: takeEnd(changes, node) ?? fromMs, untilMs });
  }
  // What was seen stays seen, though another may have done so unseen.
  return { unplanned: isKnown || changes.length > 0 ? changes : null };
}

/** When the server that starts now had ended; its end is reported with its start. */
function takeEnd(changes: UnplannedChange[], node: string): number | undefined {
  const index = changes.findLastIndex((change) => change.node === node);
  if (changes[index]?.what !== 'ended') return undefined;
  return changes.splice(index, 1)[0]?.fromMs;
}

/** Nodes of which no start is known; undefined where none is known of any. */
function nodesWithoutStart(events: readonly RunEvent[]): readonly string[] | undefined {
  const nodes = new Set<string>();
  const started = new Set<string>();
  for (const event of events) {
    if (event.type !== 'topology') continue;
    for (const { node, startedAt } of event.topology.members) {
      nodes.add(node);
      if (startedAt !== undefined) started.add(node);
    }
  }
  return started.size === 0 ? undefined : [...nodes].filter((node) => !started.has(node));
}
