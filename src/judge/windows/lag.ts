import type { RunEvent } from '../../contracts/evidence.ts';
import type { Span } from './bounds.ts';
import { isWithin } from './roles.ts';

/**
 * The furthest that a replica was behind in these spans, bytes; one that does not answer has no lag. null: no replica answered.
 * Replicas are read about once a second.
 */
export function mostLagBytes(
  spans: readonly Span[],
  events: readonly RunEvent[],
  originMs: number,
): number | null {
  let most: number | null = null;
  for (const event of events) {
    if (event.type !== 'lag' || !isWithin(event.atMs - originMs, spans)) continue;
    for (const bytes of Object.values(event.bytes)) most = Math.max(most ?? 0, bytes);
  }
  return most;
}
