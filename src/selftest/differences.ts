import type { Result, Writes } from '../contracts/result.ts';
import type { Planted } from './damage.ts';
import { findingsOf, namesOf, type Finding } from './findings.ts';

type Expected = Pick<Planted, 'changes' | 'findings' | 'structure' | 'broken' | 'isEverywhere'>;

/**
 * Findings that a result reports in excess or lacks, one sentence each. `calm` is the result before the damage: its
 * findings must still be reported. `where` is the damaged node.
 */
export function differences(
  expected: Expected,
  {
    calm,
    result,
    where,
  }: { readonly calm: Result; readonly result: Result; readonly where: string },
): readonly string[] {
  const nodes = expected.isEverywhere
    ? [where, ...result.replicas.map(({ node }) => node)]
    : [where];
  const planted = expected.findings.flatMap((finding) =>
    finding.kind.startsWith('lost') ? finding : nodes.map((node) => ({ ...finding, node })),
  );
  const wanted = new Set(namesOf([...findingsOf(calm), ...planted]));
  const found = new Set(namesOf(findingsOf(result)));
  return [
    ...otherNumbers(expected.changes, calm.writes, result.writes),
    ...[...wanted].filter((name) => !found.has(name)).map((name) => `not reported: ${name}`),
    ...[...found]
      .filter((name) => !wanted.has(name))
      .map((name) => `reported without cause: ${name}`),
    ...otherReplicas(planted, result),
    ...otherStructures(expected.structure ?? [], { calm, result, where }),
    ...otherInvariants(expected.broken ?? [], result),
  ];
}

/** A broken relation is broken on every node: replicas have the same files. */
function otherStructures(
  relations: readonly string[],
  {
    calm,
    result,
    where,
  }: { readonly calm: Result; readonly result: Result; readonly where: string },
): readonly string[] {
  const namesIn = (found: Result['structure']) =>
    found.map(({ node, relation }) => `broken structure on ${node}: ${relation}`);
  const nodes = [where, ...result.replicas.map(({ node }) => node)];
  const planted = nodes.flatMap((node) =>
    relations.map((relation) => ({ node, relation, message: '' })),
  );
  const wanted = new Set(namesIn([...calm.structure, ...planted]));
  const found = namesIn(result.structure);
  return [
    ...[...wanted].filter((name) => !found.includes(name)).map((name) => `not reported: ${name}`),
    ...found.filter((name) => !wanted.has(name)).map((name) => `reported without cause: ${name}`),
  ];
}

/** Replicas follow the damage, so each node says the same. */
function otherInvariants(
  broken: readonly string[],
  { invariants = [] }: Result,
): readonly string[] {
  const unknown = broken.filter((name) => invariants.every((each) => each.name !== name));
  return [
    ...unknown.map((name) => `no node was asked the invariant ${name}`),
    ...invariants.flatMap(({ node, name, status, reason }) => {
      const wanted = broken.includes(name) ? 'broken' : 'holds';
      const why = reason === null ? '' : ` (${reason})`;
      return status === wanted
        ? []
        : [`${name} ${status} on ${node}${why}, and should be ${wanted}`];
    }),
  ];
}

function otherNumbers(
  changes: Planted['changes'],
  calm: Writes,
  { ...found }: Writes,
): readonly string[] {
  return (Object.keys(calm) as (keyof Writes)[]).flatMap((key) => {
    const before = calm[key] ?? null;
    const change = changes[key] ?? 0;
    const wanted = before === null ? null : before + change;
    return found[key] === wanted ? [] : [`${key}: ${wanted} expected, ${found[key]} found`];
  });
}

/** Each replica must differ from the primary by exactly what was planted there. */
function otherReplicas(planted: readonly Finding[], result: Result): readonly string[] {
  return result.replicas.flatMap(({ node, status, missing, extra, corrupted, stale = 0 }) => {
    const wanted = ['missing', 'extra', 'corrupted', 'stale'].map(
      (kind) => planted.filter((each) => each.node === node && each.kind === kind).length,
    );
    const wantedStatus = wanted.some((count) => count > 0) ? 'differs' : 'agrees';
    const isRight =
      [missing, extra, corrupted, stale].join() === wanted.join() && status === wantedStatus;
    const said = `${node} ${status}: ${missing} missing, ${extra} extra, ${corrupted} corrupted, ${stale} stale`;
    return isRight ? [] : [said];
  });
}
