import type { DownstreamResult, WriteRange } from '../../contracts/result.ts';
import { namesOf, type Finding } from '../findings.ts';
import type { PlantedInSink } from './damage-sink.ts';
import { detailOf } from './sink-event.ts';

type Expected = Pick<PlantedInSink, 'changes' | 'findings'>;

/** What the judge reports of a consumer in excess of the planted damage, or lacks, one sentence each. `calm`: before the damage. */
export function sinkDifferences(
  { changes, findings }: Expected,
  calm: DownstreamResult,
  found: DownstreamResult,
): readonly string[] {
  const wanted = new Set(namesOf([...findingsIn(calm), ...findings]));
  const named = new Set(namesOf(findingsIn(found)));
  const before = countsOf(calm);
  const missing = changes.missing ?? 0;
  const wantedChanges: Readonly<Record<string, number>> = {
    ...changes,
    ...(missing !== 0 && { 'missing at consumer': missing }),
  };
  return [
    ...Object.entries(countsOf(found)).flatMap(([name, count]) => {
      const was = before[name] ?? null;
      const should = was === null ? null : was + (wantedChanges[name] ?? 0);
      return count === should ? [] : [`${name}: ${should} expected, ${count} found`];
    }),
    ...[...wanted].filter((name) => !named.has(name)).map((name) => `not reported: ${name}`),
    ...[...named]
      .filter((name) => !wanted.has(name))
      .map((name) => `reported without cause: ${name}`),
    ...(found.reason === null ? [] : [`it could not be judged: ${found.reason}`]),
    ...found.gaps.map(({ why }) => `a gap without cause: ${why}`),
  ];
}

function countsOf(found: DownstreamResult): Readonly<Record<string, number | null>> {
  const { expected, delivered, missing, skipped, missingAt } = found;
  const { duplicates, outOfOrder, corrupted, phantoms, uncertain, differing = 0 } = found;
  return {
    expected,
    delivered,
    missing,
    skipped,
    duplicates,
    outOfOrder,
    corrupted,
    phantoms,
    uncertain: uncertain ?? null,
    differing,
    'missing at slot': missingAt?.slot ?? null,
    'missing at consumer': missingAt?.consumer ?? null,
    'missing at sink': missingAt?.sink ?? null,
  };
}

function findingsIn({ missingRanges, anomalies = [] }: DownstreamResult): readonly Finding[] {
  return [
    ...missingRanges.flatMap((range) => each(range, `missing at ${range.at}`)),
    ...anomalies.flatMap((range) => each(range, range.kind)),
  ];
}

/** One of each version. */
function each(range: WriteRange, kind: string): readonly Finding[] {
  const { writer, from, to, operation = 'insert', versions: [first, last] = [0, 0] } = range;
  return Array.from({ length: last - first + 1 }, (_, at) => {
    return { kind, writer, from, to, ...detailOf(operation, first + at) };
  });
}
