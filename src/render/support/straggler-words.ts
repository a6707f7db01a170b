import type { Straggler } from '../../contracts/result.ts';

/** A node that had not come back in time: what was seen of it, why, and how its slot stands. */
export function stragglerSentence({ node, state, cause, slot }: Straggler): string {
  const why = cause ?? 'why, nothing that was kept tells';
  const status = slot && `${slot.isActive ? 'active' : 'inactive'}, ${slot.walStatus ?? 'no WAL'}`;
  const kept = status === null ? '' : ` (slot ${slot?.name ?? ''}: ${status})`;
  return `${node} had not come back in time: ${state}; ${why}${kept}`;
}
