import type { InvariantVerdict, Result } from '../../contracts/result.ts';
import { grouped } from './format.ts';

/** Of each invariant that is broken, or that could not be asked: node, name, what it says, what was found. Broken ones first. */
export function invariantRows({ invariants = [] }: Result): readonly (readonly string[])[] {
  const broken = invariants.filter(({ status }) => status === 'broken');
  const unknown = invariants.filter(({ status }) => status === 'unknown');
  return [...broken, ...unknown].map((verdict) => [
    ...[verdict.node, verdict.name, verdict.says],
    foundWords(verdict),
  ]);
}

function foundWords({ status, breaches, examples, reason }: InvariantVerdict): string {
  if (status === 'unknown' || breaches === null) return `unknown: ${reason ?? 'no reason given'}`;
  const rows = breaches === 1 ? '1 row' : `${grouped(breaches)} rows`;
  const [first] = examples;
  return first === undefined ? rows : `${rows}, the first ${JSON.stringify(first)}`;
}
