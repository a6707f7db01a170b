/**
 * Writes docs/scenarios.md: every shipped scenario with what was measured in the suite runs that are given.
 * Usage: node bench/support/scenario-table.ts SUITE.json...   (of `forkpoint suite nightly`, run several times)
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EntryResult, SuiteResult } from '../../src/contracts/suite.ts';

const root = path.join(import.meta.dirname, '../..');
const suites = process.argv.slice(2).map((file) => {
  return JSON.parse(readFileSync(file, 'utf8')) as SuiteResult;
});
const entries = suites.flatMap(({ entries: all }) => all);
const names = readdirSync(path.join(root, 'scenarios'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));

const lines = [
  '# Scenarios',
  '',
  "The header of each scenario's file describes it: what happens, why it is hard, what it does not cover. The tables below have the",
  'measurements, as the range from least to most over all runs: acknowledged writes lost, longest time without a write, and the',
  'duration of the run from boot to teardown. `as demanded` counts the runs in which everything that the file demands was measured',
  'and held. If not all runs are counted, the header of the scenario explains the others, and its demands were relaxed since.',
  '',
  '`npm run nightly` makes the tables from every stored run of the suite `nightly`.',
  '',
  ...versionsOf(entries).flatMap((ranOn) => [
    `## ${ranOn}`,
    '',
    '| scenario | as demanded | lost | outage | run |',
    '| --- | --- | --- | --- | --- |',
    ...names.flatMap((name) =>
      row(
        name,
        entries.filter((entry) => isOf(entry, name, ranOn)),
      ),
    ),
    '',
  ]),
];
writeFileSync(path.join(root, 'docs/scenarios.md'), lines.join('\n'));

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

function row(name: string, runs: readonly EntryResult[]): string[] {
  if (runs.length === 0) return [];
  const passed = runs.filter(({ status }) => status === 'pass').length;
  const of = (value: (entry: EntryResult) => number | null | undefined) =>
    runs.flatMap((entry) => value(entry) ?? []);
  const seconds = (ms: readonly number[]) =>
    range(
      ms.map((each) => each / 1000),
      1,
      ' s',
    );
  return [
    `| [${name}](../scenarios/${name}.yaml) | ${passed} of ${runs.length} | ${range(
      of(({ numbers }) => numbers?.lost),
      0,
      '',
    )} | ${seconds(of(({ numbers }) => numbers?.outageMs))} | ${seconds(of(({ durationMs }) => durationMs))} |`,
  ];
}

function range(values: readonly number[], digits: number, unit: string): string {
  if (values.length === 0) return 'unknown';
  const low = Math.min(...values).toFixed(digits);
  const high = Math.max(...values).toFixed(digits);
  return low === high ? `${low}${unit}` : `${low} to ${high}${unit}`;
}
