import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Result } from '../../src/contracts/result.ts';
import type { SalvageSummary } from '../../src/contracts/salvage.ts';
import { readEvidence } from '../../src/evidence/forensics/read-evidence.ts';
import { storedLostRanges } from '../../src/evidence/store/lost-ranges.ts';
import { readResult } from '../../src/evidence/store/read-result.ts';
import { count } from '../../src/std/ranges.ts';
import { lostWrites } from '../../src/std/units/lost-writes.ts';
import { pastForkAndLost } from '../../test/helpers/past-fork.ts';

/** What forensics made of one run. Counts are writes. */
export interface LossyRun {
  readonly scenario: string;
  readonly exitCode: number | null;
  readonly folder: string | null;
  readonly lost: number | null;
  /** Lost writes by cause, also those that clients were warned of. */
  readonly causes: Readonly<Record<string, number>>;
  /** Inserts past the fork by their position alone, and whether they are exactly the lost ones. */
  readonly pastFork: { readonly rows: number; readonly isLost: boolean } | null;
  /** Of each old primary, by the last WAL that was taken of it. */
  readonly wal: readonly {
    readonly node: string;
    readonly acknowledged: number | null;
    readonly written: number | null;
    readonly lost: number | null;
    readonly overwritten: number;
    readonly problem: string | null;
    /** The cluster did not leave the history that it stands in. */
    readonly isFinal: boolean;
  }[];
  readonly salvaged: number | null;
  readonly hasCopy: boolean;
  readonly skipped: readonly string[];
  /** What does not agree, each with what would excuse it. */
  readonly exceptions: readonly string[];
}

/** Errors: Error where the run left no result. */
export async function lossyRunOf(
  directory: string,
  { scenario, exitCode }: { readonly scenario: string; readonly exitCode: number | null },
): Promise<LossyRun> {
  const result = await readResult(directory);
  const taken = await readEvidence(directory);
  const summary = salvageIn(directory);
  const found: Omit<LossyRun, 'exceptions'> = {
    scenario,
    exitCode,
    folder: path.basename(directory),
    lost: lostWrites(result.writes),
    causes: causesOf(directory, result),
    pastFork: await pastForkOf(directory),
    wal: lastOfEach(result.wal ?? []).map(({ node, timeline, forkLsn, ...counts }) => {
      const { acknowledged, written, lost, overwritten, problem } = counts;
      const isLeft = result.forks.some(
        (fork) => fork.parentTimeline === timeline && fork.lsn === forkLsn,
      );
      const isFinal = lost === 0 && !isLeft;
      return { node, acknowledged, written, lost, overwritten: overwritten ?? 0, problem, isFinal };
    }),
    salvaged: summary?.salvaged ?? null,
    hasCopy: taken.some(({ copyBytes }) => copyBytes !== null),
    skipped: taken.flatMap(({ node, skipped }) =>
      skipped.map(({ what, why }) => `${node}: ${what}: ${why}`),
    ),
  };
  return { ...found, exceptions: exceptionsOf(found) };
}

function salvageIn(directory: string): SalvageSummary | undefined {
  const file = path.join(directory, 'evidence', 'salvage.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SalvageSummary) : undefined;
}

async function pastForkOf(directory: string): Promise<LossyRun['pastFork']> {
  const { pastFork, lost } = await pastForkAndLost(directory);
  const rows = pastFork.reduce((sum, [, ranges]) => sum + count(ranges), 0);
  return { rows, isLost: JSON.stringify(pastFork) === JSON.stringify(lost) };
}

function causesOf(directory: string, result: Result): LossyRun['causes'] {
  const causes: Record<string, number> = {};
  for (const { from, to, versions, cause } of storedLostRanges(directory, result)) {
    const [first, last] = versions ?? [0, 0];
    const name = cause ?? 'unknown';
    causes[name] = (causes[name] ?? 0) + (to - from + 1) * (last - first + 1);
  }
  return causes;
}

function lastOfEach(all: NonNullable<Result['wal']>): NonNullable<Result['wal']> {
  return all.filter(({ node, timeline }, at) => {
    const later = all.slice(at + 1);
    return !later.some((each) => each.node === node && each.timeline === timeline);
  });
}

function exceptionsOf(run: Omit<LossyRun, 'exceptions'>): readonly string[] {
  const { causes, pastFork, wal, hasCopy, salvaged, lost } = run;
  const unexplained = (causes.unexplained ?? 0) + (causes.unknown ?? 0);
  const others = Object.entries(causes).filter(([cause]) => cause !== 'forked');
  const excuse = others.map(([cause, writes]) => `${writes} ${cause}`).join(', ');
  return [
    ...(unexplained > 0 ? [`${unexplained} lost writes without a cause`] : []),
    ...(pastFork && !pastFork.isLost && others.length === 0
      ? ['the inserts past the fork by their position are not the lost ones']
      : []),
    ...wal.flatMap((each) => {
      const { node, acknowledged, written, problem } = each;
      if (each.isFinal) return [];
      if (problem !== null) return [`WAL of ${node}: ${problem}`];
      const isSame = acknowledged === written && written === (each.lost ?? 0) + each.overwritten;
      const counts = `acknowledged ${acknowledged}, written ${written}, lost ${each.lost}`;
      return isSame ? [] : [`WAL of ${node}: ${counts}${excuse === '' ? '' : ` (${excuse})`}`];
    }),
    ...(hasCopy && (lost ?? 0) > 0 && salvaged !== lost
      ? [`${salvaged} of ${lost} lost writes were salvaged`]
      : []),
  ];
}
