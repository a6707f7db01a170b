import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../../src/contracts/result.ts';
import { judgeRun } from '../../../src/judge/judge.ts';
import { loadRegistry } from '../../../src/registry.ts';

/*
 * Stored and judged by Forkpoint before its sources moved and its load workers spoke frames: three writers on an
 * asynchronous leader (PostgreSQL 15, Patroni 3.0.2), whose replication was cut and who was killed 2 s later.
 */
const run = path.resolve(import.meta.dirname, '../../fixtures/stored-runs/async-tail-loss');
const before = JSON.parse(readFileSync(path.join(run, 'result.json'), 'utf8')) as Result;
const now = await judgeRun(run, await loadRegistry());

test('a run that an earlier version stored has the same losses, with the same causes', () => {
  expect(now.writes).toMatchObject({ acknowledged: 628, lost: 14, lostDeletes: 5 });
  expect(now.lostRanges).toEqual(before.lostRanges);
  expect(now.lostRanges.every(({ cause, node }) => cause === 'forked' && node === 'pg1')).toBe(
    true,
  );
});

test('a run that an earlier version stored is judged to the same result, field by field', () => {
  // The version that judged differs; the duration of the run is known only after its cluster is gone.
  const { versions, durationMs, ...same } = before;
  const known = before.durability?.rows.map(({ setting }) => setting) ?? [];
  expect(withoutWords(now, known)).toMatchObject(withoutWords(same, known));
  expect(now.status).toBe('pass');
  expect(now.versions).toMatchObject({ postgres: versions.postgres, patroni: versions.patroni });
  expect(Math.abs(now.durationMs - durationMs)).toBeLessThan(1000);
});

/** What a setting promises may be said in other words; its value and its level may not change. Settings may be added. */
function withoutWords<Judged extends Pick<Result, 'durability'>>(
  judged: Judged,
  known: readonly string[],
): Judged {
  const { durability } = judged;
  const rows = (durability?.rows ?? [])
    .filter(({ setting }) => known.includes(setting))
    .map((row) => ({ ...row, promise: '' }));
  return { ...judged, durability: durability && { ...durability, rows } };
}
