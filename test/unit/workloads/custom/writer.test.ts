import { expect, test } from 'vitest';
import type { WorkloadContext } from '../../../../src/contracts/workload.ts';
import custom from '../../../../src/workloads/custom.ts';

const text = `-- @transaction often weight 9
-- @param id range(-2, 2)
-- @param price range(0.5, 1.25)
-- @param state pick('it''s', 'b')
-- @param count sequence(100)
-- @param only key
-- @param token uuid
-- @param note text(3, 6)
-- @param content text
-- @rows 1..2
UPDATE t SET a = :id, b = :price::numeric, c = :state, d = ':id' WHERE e = :id;
INSERT INTO :"schema".t VALUES (:writer, :seq, :count, :only, :token, :note, :content);
-- @transaction seldom
DELETE FROM t WHERE a = :seq;`;

const context: WorkloadContext<{ file: string }> = {
  ...{ schema: 'run "1"', runId: 'r', seed: 7, batch: 1, payloadBytes: 10 },
  mix: { insert: 1, update: 0, delete: 0 },
  params: { file: 'app.sql' },
  files: { file: { name: 'app.sql', text, sha256: '' } },
};

const take = (writer: number, changed: Partial<typeof context> = {}) => {
  const made = custom.writer(writer, { ...context, ...changed });
  return Array.from({ length: 500 }, () => made.next());
};

test('the transactions of a client follow from the seed alone', () => {
  expect(take(3)).toEqual(take(3));
  expect(take(3)).not.toEqual(take(4));
  expect(take(3)).not.toEqual(take(3, { seed: 8 }));
  expect(take(3).map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, seq) => seq));
});

test('a named parameter is bound once, and casts and texts in quotes stay as they are', () => {
  const [update, insert] = take(3).find(({ statements }) => statements.length === 2)!.statements;
  expect(update).toEqual({
    name: 'custom_0_0',
    text: "UPDATE t SET a = $1, b = $2::numeric, c = $3, d = ':id' WHERE e = $1",
    values: update!.values,
    touches: [1, 2],
  });
  expect(update!.values).toHaveLength(3);
  expect(insert!.text).toBe('INSERT INTO "run ""1""".t VALUES ($1, $2, $3, $4, $5, $6, $7)');
});

test('each transaction is drawn by its weight, and each generator keeps to its bounds', () => {
  const all = take(3);
  const often = all.filter(({ statements }) => statements.length === 2);
  expect(often.length).toBeGreaterThan(420);
  expect(often.length).toBeLessThan(480);
  const column = (statement: number, index: number) =>
    often.map(({ statements }) => statements[statement]!.values[index]);
  expect(new Set(column(0, 0))).toEqual(new Set([-2, -1, 0, 1, 2]));
  expect(
    column(0, 1).every((price) => /^(0\.[5-9]\d|1\.[01]\d|1\.2[0-5])$/.test(String(price))),
  ).toBe(true);
  expect(new Set(column(0, 2))).toEqual(new Set(["it's", 'b']));
  expect(new Set(column(1, 0))).toEqual(new Set([3]));
  expect(column(1, 1)).toEqual(often.map(({ seq }) => seq));
  expect(column(1, 2)).toEqual(often.map((_, turn) => 100 + turn));
  expect(column(1, 3)).toEqual(often.map((_, turn) => 3 * 2 ** 32 + turn));
  const uuids = column(1, 4).map(String);
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(uuids.filter((each) => !form.test(each))).toEqual([]);
  expect(new Set(uuids).size).toBe(uuids.length);
  expect(new Set(column(1, 5).map((note) => String(note).length))).toEqual(new Set([3, 4, 5, 6]));
  expect(new Set(column(1, 6).map((note) => String(note).length))).toEqual(new Set([10]));
});
