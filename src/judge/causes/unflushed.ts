import type { ClusterSettings } from '../../contracts/durability.ts';
import type { RunEvent } from '../../contracts/evidence.ts';

/** Switched off, a server acknowledges what it has not flushed. */
const flushes = new Set(['fsync', 'synchronous_commit']);

/**
 * Whether a server may have acknowledged at that moment (microseconds since the start of the load) a write that was not on
 * its disk yet, by its settings before the load and by what a fault set meanwhile. null: its settings were not read.
 */
export type MayBeUnflushed = (node: string, atUs: number) => boolean | null;

export function unflushedBy(
  settings: ClusterSettings | undefined,
  events: readonly RunEvent[],
  originMs: number,
): MayBeUnflushed {
  const windows = events.flatMap((event) => windowOf(event, events));
  return (node, atUs) => {
    const atMs = originMs + atUs / 1000;
    const isSet = windows.some(
      ({ nodes, fromMs, untilMs }) => nodes.includes(node) && fromMs <= atMs && atMs <= untilMs,
    );
    if (isSet) return true;
    const member = settings?.members.find((each) => each.node === node);
    if (!member || member.problem !== undefined) return null;
    return [...flushes].some((name) => isOff(member.parameters[name]));
  };
}

interface Window {
  readonly nodes: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
}

/** While a fault had switched one of these off, or its detail says that the disks flushed nothing (`losesFlushes: true`). */
function windowOf(event: RunEvent, events: readonly RunEvent[]): readonly Window[] {
  if (event.type !== 'injected' || typeof event.detail !== 'object') return [];
  const { id, detail } = event;
  const { parameter, value, losesFlushes } = (detail ?? {}) as Readonly<Record<string, unknown>>;
  const isSwitchedOff = flushes.has(String(parameter).toLowerCase()) && isOff(String(value));
  if (!isSwitchedOff && losesFlushes !== true) return [];
  const inject = events.find((each) => each.type === 'inject' && each.id === id);
  const healed = events.find((each) => each.type === 'healed' && each.id === id);
  const nodes = inject?.type === 'inject' ? inject.targets : [];
  return [{ nodes, fromMs: inject?.atMs ?? event.atMs, untilMs: healed?.atMs ?? Infinity }];
}

function isOff(value: string | undefined): boolean {
  return value !== undefined && /^(off?|f(a(l(se?)?)?)?|no?|0)$/i.test(value);
}
