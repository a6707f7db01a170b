import type { ReadBack } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import { stragglersOf } from '../availability/stragglers.ts';

/** Whether the cluster came to rest, and of each node that did not, why. */
export function convergedOf(
  readBack: ReadBack | undefined,
  run: {
    readonly directory: string;
    readonly startedAt: string;
    readonly rejoins: Result['rejoins'];
  },
): Result['converged'] {
  if (!readBack) return { ok: null, reason: 'the run did not get that far' };
  const { converged } = readBack;
  const { directory, startedAt, rejoins } = run;
  const told = { ok: converged.ok, reason: converged.reason ?? null };
  if (!converged.nodes) return told;
  return { ...told, nodes: stragglersOf(directory, startedAt, { converged, rejoins }) };
}
