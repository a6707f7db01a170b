import { expect, test } from 'vitest';
import type { NodeReading, ReadBack } from '../../../src/contracts/evidence.ts';
import { truthOf } from '../../../src/judge/truth.ts';
import { reading } from '../../histories/in-memory.ts';

const pg1 = reading([], { timeline: 2 });
const pg2 = reading([], { node: 'pg2', role: 'replica', timeline: 2 });

function readBack(nodes: readonly NodeReading[], over: Partial<ReadBack> = {}): ReadBack {
  return {
    schemaVersion: 1,
    runId: 'run',
    primary: 'pg1',
    contentChecked: true,
    ms: 1,
    converged: { ok: true, ms: 1, timeline: 2 },
    nodes,
    history: [],
    ...over,
  };
}

test('the final primary is the one that answered on the timeline of the converged cluster', () => {
  expect(truthOf(readBack([pg1, pg2]))).toEqual({ reading: pg1, problem: undefined });
});

test('a read-back of a run that did not record the timeline is accepted too', () => {
  const before = readBack([pg1, pg2], { converged: { ok: true, ms: 1 } });
  expect(truthOf(before).reading).toBe(pg1);
});

const { primary: _primary, ...withoutPrimary } = readBack([pg1]);
test.each<[string, ReadBack | undefined, string]>([
  ['no node was read', undefined, 'no node was read back'],
  ['there was no primary', withoutPrimary, 'there was no single primary to read'],
  [
    'the primary could not be read',
    readBack([{ ...pg1, status: 'unverifiable', reason: 'pg1 does not answer' }]),
    'pg1 does not answer',
  ],
  [
    'it was demoted in between',
    readBack([{ ...pg1, role: 'replica' }, pg2]),
    'pg1 was the primary, and a replica when it was read: nothing is judged by that. Read it again with verify',
  ],
  [
    'two called themselves primary',
    readBack([pg1, { ...pg2, role: 'primary' }]),
    'pg1 and pg2 called themselves primary when they were read: whose rows are the truth is unknown',
  ],
  [
    'it was on another timeline by then',
    readBack([{ ...pg1, timeline: 3 }]),
    'pg1 was on timeline 2, and on 3 when it was read: the cluster had not come to rest',
  ],
  [
    'its partitions hold what its table does not show',
    readBack([
      {
        ...pg1,
        rows: 5,
        partitions: [
          { name: 'ledger_0', rows: 5 },
          { name: 'ledger_1', rows: 5 },
        ],
      },
    ]),
    'pg1 counts 5 rows in the table and 10 in its partitions: what the table does not show is not lost. ATTACH what is detached, and verify',
  ],
])('nothing is judged when %s', (_what, found, problem) => {
  expect(truthOf(found)).toEqual({ reading: undefined, problem });
});
