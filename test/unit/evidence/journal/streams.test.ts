import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { JournalHeader, OperationRecord } from '../../../../src/contracts/evidence.ts';
import { Availability } from '../../../../src/judge/availability/availability.ts';
import { linesOf } from '../../../../src/evidence/journal/export.ts';
import { EventLog, readEvents } from '../../../../src/evidence/events/event-log.ts';
import { JournalWriter } from '../../../../src/evidence/journal/journal.ts';
import { judgeServerIds } from '../../../../src/judge/ledger/server-ids.ts';
import { buildLedger } from '../../../../src/judge/ledger/ledger.ts';
import { operation, reading, visit } from '../../../histories/in-memory.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'evidence-'));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;
const newPath = () => path.join(directory, `${files++}`);
const header: JournalHeader = {
  schemaVersion: 1,
  runId: 'run',
  worker: 0,
  firstWriter: 0,
  writers: 1,
  nodes: ['pg1', 'pg2'],
  originNs: '0',
};

describe('availability', () => {
  const ack = (atUs: number) => operation({ sentUs: atUs - 100, latencyUs: 100 });
  const measured = (...records: OperationRecord[]) => {
    const availability = new Availability();
    visit(records, availability);
    return availability;
  };

  it('finds the longest gap in any order of the journals', () => {
    const { longestUs, gap } = gapOf([9_000_000, 2_000_000, 2_500_000, 9_500_000], 10_000_000);
    expect({ longestUs, gap }).toEqual({ longestUs: 6_500_000, gap: [2_500_000, 9_000_000] });
  });

  it('counts the time before the first and after the last acknowledgement', () => {
    expect(gapOf([7_000_000], 8_000_000)).toEqual({ longestUs: 7e6, gap: [undefined, 7_000_000] });
    expect(gapOf([1_000_000], 8_000_000)).toEqual({ longestUs: 7e6, gap: [1_000_000, undefined] });
    expect(gapOf([], 8_000_000)).toEqual({ longestUs: 8e6, gap: [undefined, undefined] });
  });

  it('gives a fault the longest gap around it, not the longer one of another fault', () => {
    const availability = measured(...[1, 2, 5, 6, 16, 17].map((seconds) => ack(seconds * 1e6)));
    expect(availability.longestGap(17e6, { window: { fromUs: 1.5e6, untilUs: 4e6 } })).toEqual({
      afterUs: 2e6,
      untilUs: 5e6,
      lengthUs: 3e6,
    });
  });

  it('leaves out only the time in which the load was held', () => {
    const availability = measured(...[1, 4, 5, 9].map((seconds) => ack(seconds * 1e6)));
    const held = [
      { fromUs: 0, untilUs: 1.5e6 },
      { fromUs: 5.5e6, untilUs: 8.5e6 },
    ];
    expect(availability.longestGap(9e6, { held })).toEqual({
      afterUs: 1e6,
      untilUs: 4e6,
      lengthUs: 2.5e6,
    });
    const window = { fromUs: 6e6, untilUs: 7e6 };
    expect(availability.longestGap(9e6, { held, window })).toEqual({
      afterUs: 5e6,
      untilUs: 9e6,
      lengthUs: 1e6,
    });
  });

  it('counts acknowledgements per bin, and errors by SQLSTATE', () => {
    const failed = operation({ outcome: 'failed', sqlState: '25006' });
    const cancelled = operation({ outcome: 'localOnly' });
    const availability = measured(
      ack(5_000),
      ack(999_999),
      ack(1_000_000),
      failed,
      cancelled,
      failed,
    );
    expect(availability.series(1000)).toEqual([2, 1]);
    expect(availability.errors()).toEqual([
      { sqlState: '25006', outcome: 'failed', count: 2 },
      { sqlState: '01000', outcome: 'localOnly', count: 1 },
    ]);
  });

  function gapOf(acks: readonly number[], endUs: number) {
    const { afterUs, untilUs, lengthUs } = measured(...acks.map(ack)).longestGap(endUs);
    return { longestUs: lengthUs, gap: [afterUs, untilUs] };
  }
});

async function journalOf(over: Partial<JournalHeader>, write: (writer: JournalWriter) => void) {
  const file = newPath();
  const writer = JournalWriter.open(file, { ...header, ...over });
  write(writer);
  await writer.close();
  return file;
}

describe('server-generated ids', () => {
  it('that were generated twice hide a loss from a check by id', async () => {
    // Rows 0-9 got ids 1-10; 5-9 were lost, and their ids went to rows 10-14.
    const file = await journalOf({}, (writer) => {
      writer.appendId(0, 0, 1, 10);
      writer.append(operation({ count: 10 }));
      for (let seq = 10; seq < 15; seq++) {
        writer.appendId(0, seq, seq - 4);
        writer.append(operation({ seq }));
      }
      writer.appendId(0, 15, 99);
      writer.append(operation({ seq: 15, outcome: 'indeterminate' }));
    });
    const primary = reading([], { ids: [[1, 10]] });
    expect(judgeServerIds([file], buildLedger([file]), primary)).toEqual({
      acknowledged: 15,
      reissued: 5,
      byServerId: { inList: 0, countBetween: 5 },
      reissuedIds: [6, 7, 8, 9, 10].map((id) => ({
        id,
        writes: [
          { writer: 0, seq: id - 1 },
          { writer: 0, seq: id + 4 },
        ],
      })),
    });
  });

  it('are not mentioned if none were journaled', async () => {
    const file = await journalOf({}, (writer) => writer.append(operation()));
    expect(judgeServerIds([file], buildLedger([file]), reading([]))).toBe(undefined);
  });
});

describe('the exported history', () => {
  const files = Promise.all([
    journalOf({ writers: 2 }, (writer) => {
      writer.append(operation({ sentUs: 10, latencyUs: 5, count: 2, lsn: 0x3000060n }));
      writer.append(
        operation({
          seq: 2,
          sentUs: 20,
          latencyUs: 100,
          outcome: 'indeterminate',
          node: undefined,
        }),
      );
      writer.append(operation({ seq: 3, sentUs: 125, latencyUs: 5 }));
    }),
    journalOf({ firstWriter: 2, worker: 1 }, (writer) => {
      writer.append(operation({ writer: 2, sentUs: 12, latencyUs: 20, node: 1 }));
      const failed = { outcome: 'failed', sqlState: '25006', version: 1 } as const;
      writer.append(operation({ kind: 'update', writer: 2, sentUs: 40, latencyUs: 1, ...failed }));
    }),
  ]);

  it('has one JSON line per operation, in the order of answers', async () => {
    const lines = [...linesOf(await files, 'jsonl')].map((line) => JSON.parse(line) as unknown);
    const base = { writer: 0, seq: 0, count: 1, version: 0, waitedUs: 0 };
    const insert = { ...base, kind: 'insert', outcome: 'acknowledged', timeline: 1, node: 'pg1' };
    expect(lines).toEqual([
      { ...insert, count: 2, sentUs: 10, latencyUs: 5, lsn: '0/3000060' },
      { ...insert, writer: 2, sentUs: 12, latencyUs: 20, node: 'pg2' },
      {
        ...insert,
        kind: 'update',
        writer: 2,
        outcome: 'failed',
        version: 1,
        sentUs: 40,
        latencyUs: 1,
        sqlState: '25006',
      },
      {
        ...base,
        kind: 'insert',
        seq: 2,
        outcome: 'indeterminate',
        timeline: 1,
        sentUs: 20,
        latencyUs: 100,
      },
      { ...insert, seq: 3, sentUs: 125, latencyUs: 5 },
    ]);
  });

  it('is a Jepsen history, in which a process with an unknown outcome never comes back', async () => {
    expect([...linesOf(await files, 'edn')]).toEqual([
      '{:index 0, :time 10000, :process 0, :type :invoke, :f :insert, :value [[:w [0 0] 0] [:w [0 1] 0]]}',
      '{:index 1, :time 12000, :process 2, :type :invoke, :f :insert, :value [[:w [2 0] 0]]}',
      '{:index 2, :time 15000, :process 0, :type :ok, :f :insert, :value [[:w [0 0] 0] [:w [0 1] 0]], :node "pg1"}',
      '{:index 3, :time 20000, :process 0, :type :invoke, :f :insert, :value [[:w [0 2] 0]]}',
      '{:index 4, :time 32000, :process 2, :type :ok, :f :insert, :value [[:w [2 0] 0]], :node "pg2"}',
      '{:index 5, :time 40000, :process 2, :type :invoke, :f :update, :value [[:w [2 0] 1]]}',
      '{:index 6, :time 41000, :process 2, :type :fail, :f :update, :value [[:w [2 0] 1]], :error [:failed "25006"], :node "pg1"}',
      '{:index 7, :time 120000, :process 0, :type :info, :f :insert, :value [[:w [0 2] 0]], :error [:indeterminate]}',
      '{:index 8, :time 125000, :process 3, :type :invoke, :f :insert, :value [[:w [0 3] 0]]}',
      '{:index 9, :time 130000, :process 3, :type :ok, :f :insert, :value [[:w [0 3] 0]], :node "pg1"}',
    ]);
  });
});

describe('the event log', () => {
  it('returns the emitted events, and reports a torn last line', () => {
    const file = newPath();
    const log = EventLog.create(file, process.hrtime.bigint());
    log.emit({ type: 'load', edge: 'end' });
    log.emit({ type: 'problem', what: 'x' });
    log.close();
    log.emit({ type: 'heal', id: 'late' });
    appendFileSync(file, '{"atMs":12,"ty');
    const { events, problems } = readEvents(file);
    expect(events.map(({ atMs, ...event }) => [typeof atMs, event])).toEqual([
      ['number', { type: 'load', edge: 'end' }],
      ['number', { type: 'problem', what: 'x' }],
    ]);
    expect(problems).toEqual([`${file}:3: not an event (14 characters)`]);
  });
});
