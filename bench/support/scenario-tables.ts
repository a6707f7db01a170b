import path from 'node:path';
import type { EntryResult } from '../../src/contracts/suite.ts';

const head = [
  '| scenario | as demanded | known defect | lost | outage | run |',
  '| --- | --- | --- | --- | --- | --- |',
];
const end = '<!-- end of table -->';
const beginOf = (ranOn: string) => `<!-- table: ${ranOn} -->`;

/**
 * The page with what `entries` measured. Only rows between a table's two markers change, and of these only those of scenarios that
 * were measured; versions that the page has not yet get a section at its end.
 * Errors: a table that has no end.
 */
export function withTables(
  page: string,
  entries: readonly EntryResult[],
  names: readonly string[],
): string {
  return versionsOf(entries).reduce((text, ranOn) => {
    const measured = new Map(
      names.flatMap((name) => {
        const runs = entries.filter((entry) => isOf(entry, name, ranOn));
        return runs.length === 0 ? [] : [[name, row(name, runs)] as const];
      }),
    );
    if (measured.size === 0) return text;
    const begin = text.indexOf(beginOf(ranOn));
    if (begin < 0) {
      const table = tableOf(ranOn, measured);
      return `${text.trimEnd()}\n\n## ${ranOn}\n\n${table}\n`;
    }
    const stop = text.indexOf(end, begin);
    if (stop < 0) throw new Error(`the table of ${ranOn} has no '${end}'`);
    const former = rowsOf(text.slice(begin, stop));
    const table = tableOf(ranOn, new Map([...former, ...measured]));
    return text.slice(0, begin) + table + text.slice(stop + end.length);
  }, page);
}

function tableOf(ranOn: string, rows: ReadonlyMap<string, string>): string {
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return [beginOf(ranOn), '', ...head, ...sorted, '', end].join('\n');
}

function rowsOf(table: string): readonly (readonly [string, string])[] {
  return table.split('\n').flatMap((line) => {
    const name = /^\| \[([^\]]+)\]/.exec(line)?.[1];
    return name === undefined ? [] : [[name, line] as const];
  });
}

/** `local: PostgreSQL 15.18, Patroni 3.0.2, etcd 3.4.23`, most runs first. */
function versionsOf(all: readonly EntryResult[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const entry of all) {
    const ranOn = versionText(entry);
    if (ranOn !== undefined) counts.set(ranOn, (counts.get(ranOn) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([ranOn]) => ranOn);
}

function versionText({ numbers, backend }: EntryResult): string | undefined {
  if (!numbers) return undefined;
  const { postgres, patroni, dcs } = numbers.versions;
  if (patroni === 'none') return `${backend}: PostgreSQL ${postgres}, a single server`;
  return `${backend}: PostgreSQL ${postgres}, Patroni ${patroni}, ${dcs}`;
}

function isOf(entry: EntryResult, name: string, ranOn: string): boolean {
  return path.basename(entry.scenario, '.yaml') === name && versionText(entry) === ranOn;
}

function row(name: string, runs: readonly EntryResult[]): string {
  const ended = (as: EntryResult['status']) => runs.filter(({ status }) => status === as).length;
  const of = (value: (entry: EntryResult) => number | null | undefined) =>
    runs.flatMap((entry) => value(entry) ?? []);
  const seconds = (ms: readonly number[]) =>
    range(
      ms.map((each) => each / 1000),
      1,
      ' s',
    );
  const cells = [
    `[${name}](../scenarios/${name}.yaml)`,
    `${ended('pass')} of ${runs.length}`,
    String(ended('knownDefect')),
    range(
      of(({ numbers }) => numbers?.lost),
      0,
      '',
    ),
    seconds(of(({ numbers }) => numbers?.outageMs)),
    seconds(of(({ durationMs }) => durationMs)),
  ];
  return `| ${cells.join(' | ')} |`;
}

function range(values: readonly number[], digits: number, unit: string): string {
  if (values.length === 0) return 'unknown';
  const low = Math.min(...values).toFixed(digits);
  const high = Math.max(...values).toFixed(digits);
  return low === high ? `${low}${unit}` : `${low} to ${high}${unit}`;
}
