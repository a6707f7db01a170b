import { expect, test } from 'vitest';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';
import { describePlan } from '../../../../src/scenario/plan/describe.ts';
import { sealedPayload, payloadBytesOf } from '../../../../src/workloads/support/payload.ts';

const registry = await loadRegistry();
const parse = (load: string) =>
  parseScenario(`name: x\nclaim: x\nload: { duration: 5s, ${load} }\nexpect: { lost: 0 }\n`, {
    file: 'x.yaml',
    registry,
  });

test('payload is a size or a range, and the options of transactions are in the plan and its description', () => {
  const scenario = parse(
    'payload: 200B..2kB, isolation: repeatable read, synchronousCommit: off, savepoints: true',
  );
  const { payloadBytes, payloadMostBytes, isolation, synchronousCommit, savepoints } =
    scenario.load;
  expect({ payloadBytes, payloadMostBytes, isolation, synchronousCommit, savepoints }).toEqual({
    payloadBytes: 200,
    payloadMostBytes: 2048,
    isolation: 'repeatable read',
    synchronousCommit: 'off',
    savepoints: true,
  });
  const plan = planScenario(scenario, { seed: 1, backend: 'local', registry });
  expect(describePlan(plan)).toContain(
    'payload 200B..2kB, repeatable read, synchronous_commit off, savepoints',
  );
  const plain = parse('payload: 300B, synchronousCommit: true').load;
  expect(plain).toMatchObject({ payloadBytes: 300, synchronousCommit: 'on' });
  expect(Object.keys(plain)).not.toContain('payloadMostBytes');
  expect(Object.keys(plain)).not.toContain('savepoints');
});

test.each([
  ['payload: 2kB..200B', 'must have the smaller size first'],
  ['payload: 1B..2B..3B', 'must be one size, or two with .. between them'],
  ['payload: 200B..2000', '2000 needs a unit: 2000B or 2000kB'],
  ['payload: 200', '200 needs a unit: 200B or 200kB'],
  ['payload: 0B', 'must be 1B to 1MB'],
  ['payload: [1]', 'must be'],
  [
    'isolation: chaos',
    "must be one of: read committed, repeatable read, serializable, not 'chaos'",
  ],
  ['synchronousCommit: sometimes', 'must be one of: off, local, remote_write, on, remote_apply'],
  ['workload: copy, batch: 10, mix: { insert: 100 }', "the workload 'copy' does not use it"],
])('%s is refused', (load, message) => {
  expect(() => parse(load)).toThrow(message);
});

test('in a range each row has its own size, from its identity alone', () => {
  const size = { payloadBytes: 20, payloadMostBytes: 24 };
  const rows = Array.from({ length: 200 }, (_, seq) => ({ seed: 1, writer: 2, seq, version: 0 }));
  const sizes = rows.map((row) => payloadBytesOf(row, size));
  expect(sizes).toEqual(rows.map((row) => payloadBytesOf(row, size)));
  expect([...new Set(sizes)].sort()).toEqual([20, 21, 22, 23, 24]);
  expect(sealedPayload(rows[0]!, sizes[0]!).payload).toHaveLength(sizes[0]!);
});
