import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { asWrittenNow } from '../../../../src/evidence/store/earlier-events.ts';
import { readStoredRun } from '../../../../src/evidence/store/read-run.ts';

const stored = path.resolve(import.meta.dirname, '../../../fixtures/stored-runs/async-tail-loss');

test('an injection of a version that stored no effects is read with those that its fault had', async () => {
  const run = mkdtempSync(path.join(tmpdir(), 'forkpoint-earlier-'));
  try {
    cpSync(stored, run, { recursive: true });
    const file = path.join(run, 'events.jsonl');
    const inject = { type: 'inject', targets: ['pg1'], plannedAtMs: 1, atMs: 90_000 };
    const lines = [
      { ...inject, id: 'a', fault: 'switchover' },
      { ...inject, id: 'b', fault: 'switchover', effects: {} },
    ];
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    for (const line of lines) appendFileSync(file, `\n${JSON.stringify(line)}`);
    const { events } = (await readStoredRun(run)).events;
    const effects = events.flatMap((event) =>
      event.type === 'inject' ? [[event.fault, event.effects]] : [],
    );
    expect(effects).toEqual([
      ['partition', {}],
      ['kill-node', {}],
      ['switchover', { asksForPromotion: true }],
      ['switchover', {}],
    ]);
  } finally {
    rmSync(run, { recursive: true });
  }
});

test('a run event without overrides has those of its command, and an interruption in words is one', () => {
  const run = {
    atMs: 0,
    type: 'run',
    runId: 'r',
    startedAt: '',
    originNs: '1',
    versions: {},
  } as const;
  const reproduce = "npm run scenario x -- --seed 1 --set 'expect.lost=>= 1' --image pg";
  const what = 'the run was interrupted';
  const [old, written, interruption, other] = [
    { ...run, reproduce },
    { ...run, reproduce, overrides: [] },
    { atMs: 1, type: 'problem', what } as const,
    { atMs: 1, type: 'problem', what: `${what} by a fault` } as const,
  ].map(asWrittenNow);
  expect([old, written, interruption, other]).toEqual([
    { ...run, reproduce, overrides: ['expect.lost=>= 1', 'image=pg'] },
    { ...run, reproduce, overrides: [] },
    { atMs: 1, type: 'problem', what, isInterruption: true },
    { atMs: 1, type: 'problem', what: `${what} by a fault` },
  ]);
});
