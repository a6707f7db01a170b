import type { Straggler } from '../../contracts/result.ts';

/** A node that had not come back in time: its last state, the cause, and the state of its slot. */
export function stragglerSentence({ node, state, cause, slot }: Straggler): string {
  const why = cause ?? 'cause unknown';
  const status = slot && `${slot.isActive ? 'active' : 'inactive'}, ${slot.walStatus ?? 'no WAL'}`;
  const kept = status === null ? '' : ` (slot ${slot?.name ?? ''}: ${status})`;
  return `${node} had not come back in time: ${state}; ${why}${kept}`;
}
