import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
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
