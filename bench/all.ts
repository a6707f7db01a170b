/**
 * Every benchmark, one after the other, each in a process of its own: `npm run bench`, or `npm run bench NAME...`.
 * Figures go to bench/results.json. A missed goal is not a failure: machines differ, and the figures say theirs.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const self = path.basename(import.meta.filename);
const all = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== self)
  .map((file) => file.replace(/\.ts$/, ''));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exitCode = 3;
} else {
  const failed = (asked.length > 0 ? asked : all).filter((name) => !measure(name));
  if (failed.length > 0) console.error(`did not get to its end: ${failed.join(', ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function measure(name: string): boolean {
  console.log(`${name} ...`);
  const file = path.join(import.meta.dirname, `${name}.ts`);
  return spawnSync(process.execPath, [file], { stdio: 'inherit' }).status === 0;
}
