import type { RunRecord } from '../contracts/history.ts';
import { situationOf } from './run-record.ts';

/** One run of a suite. */
export interface Night {
  /** Its folder, relative to the reports folder: suites/<name>/<UTC time>. */
  readonly suite: string;
  readonly runs: readonly RunRecord[];
}

/** The runs of suites, newest suite first; only those of the named suite if there is a name. */
export function nightsIn(runs: readonly RunRecord[], name?: string): readonly Night[] {
  const started = runs.filter(({ suite }) => suite?.startsWith('suites/'));
  return [...grouped(started, ({ suite }) => suite ?? '')]
    .map(([suite, members]) => ({ suite, runs: members }))
    .filter(({ suite }) => name === undefined || suite.split('/')[1] === name)
    .toSorted((a, b) => stampOf(b.suite).localeCompare(stampOf(a.suite)));
}

/** The runs of one situation, per suite run; suite runs without one are left out. */
export function nightsOfSituation(
  nights: readonly Night[],
  situation: string,
): readonly (readonly RunRecord[])[] {
  return nights
    .map(({ runs }) => runs.filter((run) => situationOf(run) === situation))
    .filter((runs) => runs.length > 0);
}

export function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

/** Folder names are times in UTC. */
function stampOf(suite: string): string {
  return suite.split('/').at(-1) ?? '';
}
