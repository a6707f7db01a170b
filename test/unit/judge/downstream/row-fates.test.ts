import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WritePosition } from '../../../../src/judge/causes/gone-write.ts';
import type { LoggedChange } from '../../../../src/judge/downstream/answer-log.ts';
import { rowFates, type Fate } from '../../../../src/judge/downstream/row-fates.ts';

/** Timeline 1 was left at 1000; what was written within 100 bytes before that may be on either side. */
const fork = 1000;

function isOnHistory({ timeline, lsn }: WritePosition): boolean | null {
  if (timeline === 2) return true;
  if (lsn >= fork) return false;
  return lsn < fork - 100 ? true : null;
}

const at = (lsn: number, timeline = 1) => ({ node: 'pg1', timeline, lsn });
const [before, close, past] = [at(500), at(950), at(1500)];
const inserted = at(100);

function update(version: number, position?: WritePosition): LoggedChange {
  const outcome = position ? 'acknowledged' : 'indeterminate';
  return { kind: 'update', seq: 0, version, outcome, before: 1, position };
}

function deletion(position?: WritePosition): LoggedChange {
  return { ...update(0, position), kind: 'delete' };
}

function fates(
  changes: readonly LoggedChange[],
  row: { readonly version?: number; readonly inserted?: WritePosition; readonly hides?: boolean },
) {
  const { version, hides: mayHideDeletes = false } = row;
  const found = rowFates(
    { inserted: row.inserted ?? inserted, changes, version, mayHideDeletes },
    isOnHistory,
  );
  return { insert: found.insert, updates: [...found.updates], delete: found.delete };
}

test('a version that a later one hides is on the history when its position is, and only then', () => {
  const changes = [update(1, before), update(2, close), update(3, past), update(4)];
  expect(fates([...changes, update(5, at(1100, 2))], { version: 5 })).toEqual({
    insert: 'on',
    updates: [
      [1, 'on'],
      [2, 'uncertain'],
      [3, 'off'],
      [4, 'uncertain'],
      [5, 'on'],
    ],
    delete: 'off',
  });
});

test('the version of the row is on the history whatever was answered, and a higher one is not', () => {
  expect(fates([update(1), update(2, before)], { version: 1 }).updates).toEqual([
    [1, 'on'],
    [2, 'off'],
  ]);
});

test('an update that its server refused is not on the history', () => {
  const refused: LoggedChange = { ...update(1), outcome: 'failed' };
  expect(fates([refused, update(2, before)], { version: 2 }).updates[0]).toEqual([1, 'off']);
});

test('a row that is gone was deleted when its delete is on the history, and its insert is there, too', () => {
  expect(fates([deletion(before)], { inserted: at(0) })).toMatchObject({
    insert: 'on',
    delete: 'on',
  });
});

test('a delete without an answer is on the history when its row was there and is gone', () => {
  expect(fates([deletion()], {})).toMatchObject({ insert: 'on', delete: 'on' });
  expect(fates([deletion()], { inserted: past })).toMatchObject({ insert: 'off', delete: 'off' });
  expect(fates([deletion()], { inserted: close })).toMatchObject({
    insert: 'uncertain',
    delete: 'uncertain',
  });
});

test('a row that is gone with a delete past the fork was never on the history', () => {
  expect(fates([deletion(past)], { inserted: close })).toMatchObject({
    insert: 'off',
    delete: 'off',
  });
});

test('a row that is there was not deleted', () => {
  expect(fates([deletion(before)], { version: 0 })).toMatchObject({ insert: 'on', delete: 'off' });
});

test('a changed row that is gone without a delete was lost, unless a cut journal may hide the delete', () => {
  const gone = { insert: 'off', updates: [[1, 'off']], delete: 'off' };
  expect(fates([update(1, before)], {})).toEqual(gone);
  const hidden = { insert: 'on', updates: [[1, 'on']], delete: 'on' };
  expect(fates([update(1, before)], { hides: true })).toEqual(hidden);
});

/** One row on two servers: the first is left at the fork, the second goes on from there. */
interface Step {
  readonly kind: 'update' | 'delete';
  /** Where it is executed: before the fork, past it on the server that is left, on the new one, or nowhere. */
  readonly where: 'before' | 'past' | 'new' | 'nowhere';
  readonly isAnswered: boolean;
  /** Within the bytes before the fork where the side cannot be told. */
  readonly isClose: boolean;
}

const step = fc.record<Step>({
  kind: fc.constantFrom('update', 'update', 'delete'),
  where: fc.constantFrom('before', 'past', 'new', 'nowhere'),
  isAnswered: fc.boolean(),
  isClose: fc.boolean(),
});

/** What became of the row, and what is truly on the history. */
function lived(steps: readonly Step[], insertWhere: 'before' | 'past') {
  const order = ['before', 'past', 'new'];
  const sorted = steps.toSorted((a, b) => order.indexOf(a.where) - order.indexOf(b.where));
  let left: number | null = 0;
  let kept: number | null = insertWhere === 'before' ? 0 : null;
  let version = 0;
  const truth: { readonly change: LoggedChange; readonly isOn: boolean }[] = [];
  for (const { kind, where, isAnswered, isClose } of sorted) {
    if (kind === 'update') version++;
    const row: number | null = where === 'new' ? kept : left;
    const isDone: boolean = where !== 'nowhere' && row !== null;
    const now: number | null = isDone && kind === 'delete' ? null : version;
    if (isDone && where !== 'new') left = now;
    if (isDone && (where === 'new' || (where === 'before' && insertWhere === 'before'))) kept = now;
    const isOn = isDone && (where === 'new' || (where === 'before' && insertWhere === 'before'));
    const lsn = where === 'past' || insertWhere === 'past' ? 1500 : isClose ? 950 : 500;
    const position = isDone && isAnswered ? at(lsn, where === 'new' ? 2 : 1) : undefined;
    const outcome = position ? 'acknowledged' : 'indeterminate';
    const change = { kind, seq: 0, version: kind === 'update' ? version : 0, outcome, position };
    truth.push({ change: { ...change, before: 1 } as LoggedChange, isOn });
  }
  return { truth, kept };
}

test('what is said to be on the history is there, and what is said not to be is not, whatever happened to the row', () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(steps, fc.constantFrom('before', 'past'), fc.boolean(), (all, where, isClose) => {
      const { truth, kept } = lived(all, where);
      const insertedAt = at(where === 'past' ? 1500 : isClose ? 950 : 100);
      const found = rowFates(
        {
          inserted: insertedAt,
          changes: truth.map(({ change }) => change),
          version: kept ?? undefined,
          mayHideDeletes: false,
        },
        isOnHistory,
      );
      const deletes = truth.filter(({ change }) => change.kind === 'delete');
      const agrees = (fate: Fate | undefined, isOn: boolean) =>
        expect(fate === 'uncertain' || (fate === 'on') === isOn).toBe(true);
      agrees(found.insert, where === 'before');
      agrees(
        found.delete,
        deletes.some(({ isOn }) => isOn),
      );
      for (const { change, isOn } of truth) {
        if (change.kind === 'update') agrees(found.updates.get(change.version), isOn);
      }
    }),
    { numRuns: 1000 },
  );
});
