/**
 * Writes the tables of docs/scenarios.md: every shipped scenario with what was measured in the suite runs that are given.
 * Usage: node bench/support/scenario-table.ts SUITE.json...   (of `forkpoint suite nightly`, run several times)
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SuiteResult } from '../../src/contracts/suite.ts';
import { withTables } from './scenario-tables.ts';

const root = path.join(import.meta.dirname, '../..');
const suites = process.argv.slice(2).map((file) => {
  return JSON.parse(readFileSync(file, 'utf8')) as SuiteResult;
});
const entries = suites.flatMap(({ entries: all }) => all);
const names = readdirSync(path.join(root, 'scenarios'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));
const page = path.join(root, 'docs/scenarios.md');
writeFileSync(page, withTables(readFileSync(page, 'utf8'), entries, names));
