import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JournalHeader, OperationRecord } from '../../../../src/contracts/evidence.ts';
import { HarnessBug, messageOf, ScenarioError } from '../../../../src/std/errors.ts';
import { ImpossibleRecord } from '../../../../src/evidence/journal/impossible-record.ts';
import { asOurs } from '../../../../src/run/own-journal.ts';
import { journalRecords, JournalWriter } from '../../../../src/evidence/journal/journal.ts';
import { judgeRun } from '../../../../src/judge/judge.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { operation } from '../../../histories/in-memory.ts';
import { rawJournal } from '../../../helpers/raw-journal.ts';
import { lines, runId, storedEvents, storeRun } from '../../../helpers/stored-run.ts';

/* Files from elsewhere with numbers that would set the size of a list, the length of a loop or a chart. */

const registry = await loadRegistry();
const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-hostile-'));
const whole = path.join(folder, 'whole');
beforeAll(() => storeRun(whole));
afterAll(() => rmSync(folder, { recursive: true }));

let runs = 0;
async function changed(change: (run: string) => Promise<unknown>): Promise<string> {
  const run = path.join(folder, `run${runs++}`);
  await cp(whole, run, { recursive: true });
  await change(run);
  return run;
}

const huge = 2 ** 40;
const header: JournalHeader = {
  schemaVersion: 1,
  runId,
  worker: 0,
  firstWriter: 0,
  writers: 2,
  nodes: ['pg1', 'pg2', 'pg3'],
  originNs: '2000000000',
};

/** The journal with another header and a valid checksum. */
function withHeader(over: object): (run: string) => Promise<void> {
  return async (run) => {
    const file = path.join(run, 'journal/0.bin');
    const old = readFileSync(file);
    const head = old.subarray(8, 16);
    const text = `FORKPOINT-JOURNAL\n${JSON.stringify({ ...header, ...over })}`;
    const payload = Buffer.concat([head, Buffer.from(text)]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32LE(payload.length, 0);
    frame.writeUInt32LE(crc32(payload, payload.length), 4);
    const rest = old.subarray(8 + old.readUInt32LE(0));
    await writeFile(file, Buffer.concat([frame, payload, rest]));
  };
}

/** The journal's records followed by these, with valid checksums. */
function withMore(...more: readonly OperationRecord[]): (run: string) => Promise<void> {
  return async (run) => {
    const file = path.join(run, 'journal/0.bin');
    const bytes = rawJournal(header, [[...journalRecords(file)], more]);
    await writeFile(file, bytes);
  };
}

function withRecord(over: Parameters<typeof operation>[0]): (run: string) => Promise<void> {
  return async (run) => {
    const file = path.join(run, 'journal/0.bin');
    await rm(file);
    const journal = JournalWriter.open(file, header);
    journal.append(operation({ writer: 0, node: 0, timeline: 1, lsn: 1n, ...over }));
    await journal.close();
  };
}

const edit =
  (name: string, ...changes: readonly (readonly [RegExp, string])[]) =>
  async (run: string) => {
    const file = path.join(run, name);
    const old = readFileSync(file, 'utf8');
    const text = changes.reduce((all, [found, to]) => all.replace(found, to), old);
    expect(text).not.toBe(old);
    await writeFile(file, text);
  };

const event = (index: number, over: object) => (run: string) =>
  writeFile(
    path.join(run, 'events.jsonl'),
    lines(storedEvents.map((each, at) => (at === index ? { ...each, ...over } : each))),
  );

/** Position of the first record after the stored run's 40: after the header, their frame, and the head of its own frame. */
const afterAll40 = `/journal/0.bin: the record at byte ${rawJournal(header, []).length - 32 + 16 + 40 * 40 + 16} cannot be: `;

describe('an impossible number is refused before it sets the size of anything', () => {
  test.each<[string, (run: string) => Promise<unknown>, string]>([
    ['writers', withHeader({ writers: huge }), "0.bin: the journal's header is not as a run"],
    ['no writers, but fewer', withHeader({ writers: -1 }), "the journal's header is not as a run"],
    ['the first writer', withHeader({ firstWriter: huge }), "the journal's header is not as a run"],
    ['writers below 0', withHeader({ firstWriter: -1 }), "the journal's header is not as a run"],
    ['one writer more than planned', withHeader({ writers: 3 }), 'up to 2, and the plan has 2'],
    ['rows of an operation', withRecord({ seq: 0, count: 60_000 }), 'of 60000 rows'],
    [
      'one row more than the plan has in a batch',
      withMore(operation({ seq: 20, count: 2 })),
      `${afterAll40}writer 0 has an operation of 2 rows`,
    ],
    ['a time of a record', withRecord({ seq: 0, sentUs: 2 ** 40 - 1 }), 'after the load began'],
    ['clients', edit('plan.json', [/"clients": 2/, `"clients": ${huge}`]), 'scenario.load.clients'],
    [
      'workers',
      edit('plan.json', [/"deadlineMs":/, `"workers": ${huge}, "deadlineMs":`]),
      'scenario.load.workers',
    ],
    ['the batch', edit('plan.json', [/"batch": 1/, `"batch": ${huge}`]), 'scenario.load.batch'],
    ['a duration', edit('plan.json', [/"durationMs": 10000/, '"durationMs": 1e308']), 'durationMs'],
    [
      'the kind of a demand',
      edit('plan.json', [/"kind": "count"/, '"kind": "__proto__"']),
      'plan.json: scenario.expect.lost: is no demand',
    ],
    ['the end of the load', event(6, { atMs: huge }), 'event 7 (load): atMs: '],
    ['the start of the load', event(1, { originNs: '9'.repeat(19) }), 'its load began 99999999'],
    ['a start before the run', event(1, { originNs: '0' }), 'its load began -1000 ms after'],
    ['a planned time', event(2, { plannedAtMs: huge }), 'event 3 (inject): plannedAtMs: '],
    [
      'nodes of a lag',
      event(4, {
        type: 'lag',
        bytes: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`n${n}`, n])),
      }),
      'event 5 (lag): bytes: names more than 254 nodes',
    ],
  ])('%s', async (_what, change, said) => {
    const judging = judgeRun(await changed(change), registry);
    await expect(judging).rejects.toThrow(said);
    await expect(judging).rejects.toThrow(ScenarioError);
  });
});

describe('a scenario of the largest allowed size is read in linear time', () => {
  const head = 'name: p\nclaim: c\nload: { clients: 2, duration: 10s }\nexpect: { lost: 0 }\n';
  const many = (count: number, line: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => line(n)).join('');
  const read = (text: string) => () => parseScenario(text, { file: 'p.yaml', registry });

  test('50,000 parameters', { timeout: 60_000 }, () => {
    const text = `${head}cluster:\n  parameters:\n${many(50_000, (n) => `    a.p${n}: 1\n`)}`;
    expect(Object.keys(read(text)().cluster.parameters)).toHaveLength(50_000);
  });

  test('50,000 aliases', { timeout: 60_000 }, () => {
    const text = `${head}verify: [&a 1${', *a'.repeat(50_000)}]\n`;
    expect(read(text)).toThrow('more than 1000 aliases');
  });

  test('a value that contains itself is refused with its position', () => {
    expect(read(head.replace('claim: c', 'claim: &c [*c]'))).toThrow(
      'p.yaml:2:12: the alias *c refers to itself, which would never end',
    );
  });

  test('an alias in a list of --set is text, and refused as such', () => {
    const set = ['expect.lost=[&a 1, *a]'];
    expect(() => parseScenario(head, { file: 'p.yaml', registry, set })).toThrow(
      "--set expect.lost=[&a 1, *a]: expect.lost: '[&a 1, *a]' is not a count",
    );
  });
});

describe('an impossible record with a valid checksum is refused with its journal and byte', () => {
  const update = (over: Partial<OperationRecord>) => operation({ kind: 'update', seq: 3, ...over });
  test.each<[string, readonly OperationRecord[], string]>([
    ['a row acknowledged twice', [operation({ seq: 19 })], 'writer 0 inserts seq 19 where 20 is'],
    ['a seq left out', [operation({ seq: 21 })], 'writer 0 inserts seq 21 where 20 is next'],
    ['a version left out', [update({ version: 2 })], 'writer 0 updates seq 3 to version 2 after 0'],
    ['an update to version 0', [update({ version: 0 })], 'an update to version 0'],
    [
      'a delete of a row never sent',
      [operation({ kind: 'delete', seq: 20 })],
      'writer 0 changes seq 20 + 1; it inserted 0 to 19',
    ],
    ['no rows', [operation({ seq: 20, count: 0 })], '0 rows from seq 20 on'],
    ['a writer that is not its own', [operation({ writer: 2 })], 'writer 2 is not of this journal'],
    ['a node that is not its own', [operation({ seq: 20, node: 3 })], 'node 3 of 3'],
    ['an LSN of 64 bits', [operation({ seq: 20, lsn: 2n ** 60n })], 'the LSN 1152921504606847000'],
  ])('%s', async (_what, more, said) => {
    const judging = judgeRun(await changed(withMore(...more)), registry);
    await expect(judging).rejects.toThrow(`${afterAll40}${said}`);
    await expect(judging).rejects.toMatchObject({ exitCode: 3 });
    await expect(judging).rejects.toThrow(/Take it as it was written\.$/);
  });

  test('journals with different nodes', async () => {
    const run = await changed(async (directory) => {
      const of = (worker: number, over: Partial<JournalHeader>) => {
        const bytes = rawJournal(
          { ...header, worker, firstWriter: worker, writers: 1, ...over },
          [],
        );
        return writeFile(path.join(directory, `journal/${worker}.bin`), bytes);
      };
      await of(0, {});
      await of(1, { nodes: ['pg1', 'pg2'] });
    });
    await expect(judgeRun(run, registry)).rejects.toThrow(/1\.bin: its nodes are pg1, pg2, those/);
    await expect(judgeRun(run, registry)).rejects.toThrow(ScenarioError);
  });

  test('in the journal of a running run it is a bug of the harness', () => {
    const record = new ImpossibleRecord({ path: 'journal/0.bin', atByte: 16 }, 'writer 7');
    const ours = asOurs(record);
    expect(ours).toBeInstanceOf(HarnessBug);
    expect(messageOf(ours)).toBe(
      "this run's own journal: journal/0.bin: the record at byte 16 cannot be: writer 7",
    );
    const other = new ScenarioError('another run');
    expect(asOurs(other)).toBe(other);
  });
});
