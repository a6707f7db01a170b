import type { NodeReading, ReadBack } from '../../contracts/evidence.ts';
import type { InvariantVerdict } from '../../contracts/result.ts';

/** Every invariant on every node; undefined where the workload declares none. What could not be asked is unknown. */
export function invariantsOf(
  readBack: ReadBack | undefined,
): readonly InvariantVerdict[] | undefined {
  const declared = readBack?.invariants;
  if (!readBack || !declared) return undefined;
  return readBack.nodes.flatMap((reading) =>
    declared.map((invariant) => verdictOf(reading, invariant)),
  );
}

function verdictOf(
  { node, status, reason, invariants = [] }: NodeReading,
  { name, says }: { readonly name: string; readonly says: string },
): InvariantVerdict {
  const found = invariants.find((reading) => reading.name === name);
  const breaches = found?.breaches ?? null;
  const about = { node, name, says, breaches, examples: found?.examples ?? [] };
  if (breaches === null) {
    const why = found?.problem ?? (status === 'read' ? 'it was not asked' : reason);
    return { ...about, status: 'unknown', reason: why ?? 'no reason given' };
  }
  return { ...about, status: breaches === 0 ? 'holds' : 'broken', reason: null };
}
