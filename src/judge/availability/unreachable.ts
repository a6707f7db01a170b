import type { Reach, RunEvent } from '../../contracts/evidence.ts';
import type { UnreachableSpan } from '../../contracts/result.ts';

/** A server that ends or starts is seen so by its clients and by us up to a second apart. */
const leastRefusedMs = 1_500;

interface Open {
  readonly fromMs: number;
  readonly reach: Reach;
}

/**
 * When nodes did not answer the load's clients: silence (isolated, frozen), or a refusal while the server itself was up. A
 * server that is down refuses too: that is no fault of the network. null: no client probed.
 * Units: milliseconds since `originMs` on the events' clock; at most `endMs`.
 */
export function unreachableSpans(
  events: readonly RunEvent[],
  { originMs, endMs }: { readonly originMs: number; readonly endMs: number },
): readonly UnreachableSpan[] | null {
  const isUp = new Map<string, boolean>();
  const reached = new Map<string, Reach>();
  const open = new Map<string, Open>();
  const spans: UnreachableSpan[] = [];
  const close = (node: string, atMs: number) => {
    const span = open.get(node);
    if (!span) return;
    open.delete(node);
    const [fromMs, toMs] = [Math.max(0, span.fromMs), Math.min(atMs, endMs)];
    const least = span.reach === 'silent' ? 1 : leastRefusedMs;
    if (toMs - fromMs >= least) spans.push({ node, fromMs, toMs });
  };
  const look = (node: string, atMs: number) => {
    const reach = reached.get(node);
    const isUnreachable = reach === 'silent' || (reach === 'refuses' && isUp.get(node) === true);
    if (open.get(node)?.reach !== (isUnreachable ? reach : undefined)) close(node, atMs);
    if (isUnreachable && !open.has(node)) open.set(node, { fromMs: atMs, reach });
  };
  for (const event of events) {
    const atMs = Math.round(event.atMs - originMs);
    if (event.type === 'reach') {
      reached.set(event.node, event.reach);
      // Silence began when it was asked; an answer that took long came when it came.
      look(event.node, event.reach === 'silent' ? atMs - event.agoMs : atMs);
    }
    if (event.type !== 'topology') continue;
    for (const { node, role } of event.topology.members) {
      isUp.set(node, role !== 'down');
      look(node, atMs);
    }
  }
  for (const node of open.keys()) close(node, endMs);
  if (reached.size === 0) return null;
  return spans.sort((a, b) => a.node.localeCompare(b.node) || a.fromMs - b.fromMs);
}
