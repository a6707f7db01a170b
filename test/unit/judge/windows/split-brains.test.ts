import { expect, test } from 'vitest';
import type { OperationRecord } from '../../../../src/contracts/evidence.ts';
import { SplitBrainLog } from '../../../../src/judge/windows/split-brains.ts';
import { splitBrainRows } from '../../../../src/render/support/split-brain-rows.ts';
import { foldInMemory, journal, NODES, operation } from '../../../histories/in-memory.ts';

const span = { nodes: ['pg1', 'pg2'], fromMs: 5_000, untilMs: 7_000 };

function acked(node: string | undefined, atMs: number, over: Partial<OperationRecord> = {}) {
  const by = node === undefined ? undefined : NODES.indexOf(node);
  return operation({ node: by, sentUs: (atMs - 1) * 1000, latencyUs: 1000, ...over });
}

test('what each server acknowledged while two were primary is counted in writes, and nothing before, after or without success', () => {
  const log = new SplitBrainLog([span]);
  const records = [
    acked('pg1', 4_999),
    acked('pg1', 5_000, { seq: 1, count: 10 }),
    acked('pg2', 6_000, { seq: 11 }),
    acked('pg2', 6_500, { seq: 12, outcome: 'failed' }),
    acked(undefined, 6_600, { seq: 13 }),
    acked('pg2', 7_000, { seq: 14 }),
  ];
  foldInMemory([journal(records)], {}, log);
  const found = log.splitBrains('all');
  expect(found).toEqual([
    {
      ...span,
      acknowledged: [
        { node: 'pg1', writes: 10 },
        { node: 'pg2', writes: 1 },
        { node: null, writes: 1 },
      ],
    },
  ]);
  expect(splitBrainRows({ splitBrains: found })).toEqual([
    ['pg1, pg2', '5.0 s', '7.0 s', '10 by pg1, 1 by pg2, 1 by a server that a proxy hid'],
  ]);
});

test('with journals missing it is unknown who acknowledged what', () => {
  const found = new SplitBrainLog([span]).splitBrains('some');
  expect(found).toEqual([{ ...span, acknowledged: null }]);
  expect(splitBrainRows({ splitBrains: found })[0]?.[3]).toBe('unknown: journals are missing');
});
