import type { Takeover } from '../availability/rto.ts';
import type { Span } from './bounds.ts';
import { isWithin } from './roles.ts';

/**
 * The longest takeover of a phase, milliseconds. A takeover is of the phase in which its fault was injected; without a fault,
 * of the one in which it came. null: there is none, or an unknown one, which may have been the longest.
 */
export function rtoWithin(
  takeovers: readonly Takeover[],
  stretches: readonly Span[],
): number | null {
  const own = takeovers.filter(({ faultAtMs, atMs }) => isWithin(faultAtMs ?? atMs, stretches));
  if (own.length === 0 || own.some(({ ms }) => ms === null)) return null;
  return Math.round(Math.max(...own.map(({ ms }) => ms ?? 0)));
}
