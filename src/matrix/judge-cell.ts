import type { LossPromise } from '../contracts/durability.ts';
import type { CellObservation, CellVerdict } from '../contracts/matrix.ts';
import type { Result } from '../contracts/result.ts';
import { areLeast, exactWrites } from '../std/units/lower-bound.ts';
import { extent } from '../std/units/extent.ts';
import { lossSummaryOf } from '../std/units/loss-summary.ts';

/**
 * Compares a run with the promise of its settings. The scenario's own `expect` is ignored: it may demand a loss. A run
 * that could not be judged is unknown, never held.
 */
export function judgeCell(result: Result): CellVerdict {
  const promise = result.durability?.promise ?? null;
  const about = { promise, observed: observationOf(result) };
  const open = openQuestion(result, promise);
  if (open !== undefined) return { status: 'unknown', reason: open, ...about };
  const harm = otherHarm(result) ?? (promise && brokenPromise(result, promise));
  if (harm !== undefined && harm !== null) return { status: 'broken', reason: harm, ...about };
  return { status: 'held', reason: null, ...about };
}

function observationOf(result: Result): CellObservation {
  const { rpo, outage, failovers } = result;
  const writes = exactWrites(result);
  const times = extent(lossSummaryOf(result).places.flatMap(({ ackedAtMs }) => ackedAtMs));
  return {
    acknowledged: writes.acknowledged,
    lost: areLeast(result) ? null : rpo.records,
    lostLocalOnly: writes.lostLocalOnly,
    lostSpanMs: times ? times[1] - times[0] : null,
    outageMs: outage.longestMs,
    failovers,
  };
}

/** Why the cell cannot be judged; undefined if it can. */
function openQuestion(result: Result, promise: LossPromise | null): string | undefined {
  const { problems, durability, writes, converged, rpo } = result;
  const [problem] = problems;
  if (problem !== undefined) return problem;
  if (!promise) return 'the promise is unknown: the settings were not read';
  if (promise.mayLose === null) return `the promise of the settings is ${promise.text}`;
  const [ignored] = durability?.notInForce ?? [];
  if (ignored !== undefined) return `${ignored} is not in force with the value of this cell`;
  if ((writes.acknowledged ?? 0) === 0) return 'no write was acknowledged';
  if (converged.ok !== true) return `not converged: ${converged.reason ?? 'no reason given'}`;
  return rpo.records === null ? 'the primary was not read' : undefined;
}

/** Findings that no setting allows. */
function otherHarm({ writes, structure, replicas }: Result): string | undefined {
  const counts = [
    [writes.unexpected, 'unexpected'],
    [writes.duplicated, 'duplicated'],
    [writes.corrupted, 'corrupted'],
    [structure.length, 'broken structures'],
  ] as const;
  const found = counts.find(([count]) => (count ?? 0) > 0);
  if (found) return `${found[0] ?? 0} ${found[1]}: no setting allows that`;
  const different = replicas.filter(({ status }) => status === 'differs');
  if (different.length === 0) return undefined;
  return `${different.map(({ node }) => node).join(', ')} differs from the primary`;
}

function brokenPromise(result: Result, promise: LossPromise): string | undefined {
  const lost = result.rpo.records ?? 0;
  if (lost === 0) return undefined;
  if (promise.mayLose === false) return `promised to lose nothing, lost ${lost}`;
  const { places, isBeyondPromise } = lossSummaryOf(result);
  if (places.some(({ cause }) => cause === 'unexplained')) {
    return `lost ${lost}, without a failover that explains it`;
  }
  return isBeyondPromise
    ? `promised to lose ${promise.text}, lost ${lost}: more than that`
    : undefined;
}
