import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import type { Plan } from '../../../../src/contracts/scenario.ts';
import { readDownstream } from '../../../../src/evidence/store/read-downstream.ts';
import { holdsRows } from '../../../../src/std/units/evidence-paths.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-downstream-'));
  await mkdir(path.join(directory, 'downstream'));
});
afterEach(() => rm(directory, { recursive: true }));

const plan = {
  scenario: { downstream: [{ name: 'feed', consumer: 'cdc', slot: 'feed' }] },
} as unknown as Plan;
const events = [
  { type: 'run', runId: 'r1' },
  { type: 'load', edge: 'begin', originNs: '1000000000' },
] as unknown as readonly RunEvent[];

const head = {
  schemaVersion: 1,
  runId: 'r1',
  status: 'read',
  confirmed: '0/200',
  readAtNs: '3000000000',
};
const said = { type: 'delivered', batch: 1, changes: 1, lsn: '0/200', atNs: '2000000000' };

async function read(sink: readonly unknown[], lines: readonly unknown[] = [said], cut = '') {
  const text = (all: readonly unknown[]) => all.map((line) => `${JSON.stringify(line)}\n`).join('');
  const folder = path.join(directory, 'downstream');
  await writeFile(path.join(folder, 'feed.sink.jsonl'), text(sink));
  await writeFile(path.join(folder, 'feed.jsonl'), text(lines) + cut);
  return readDownstream(directory, plan, events);
}

test('times count from the start of the load, and half a line at the end is left out', async () => {
  const rows = [
    [1, 3, 7, 0, '0/1F0', true],
    [1, 3, 7, 0, '0/1F8', null, 'delete'],
  ];
  expect(await read([head, ...rows], [said], '{"type":"deliv')).toEqual([
    {
      name: 'feed',
      consumer: 'cdc',
      lines: [{ ...said, atUs: 1_000_000 }],
      sink: {
        status: 'read',
        confirmed: 0x200n,
        readAtUs: 2_000_000,
        changes: [
          { batch: 1, kind: 'insert', writer: 3, seq: 7, version: 0, lsn: 0x1f0n, isSound: true },
          { batch: 1, kind: 'delete', writer: 3, seq: 7, version: 0, lsn: 0x1f8n, isSound: null },
        ],
      },
    },
  ]);
});

test('a sink that keeps neither batches nor positions is read as that', async () => {
  const bare = { ...head, confirmed: null };
  expect(await read([bare, [null, 3, 7, 0, null, true]])).toMatchObject([
    { sink: { confirmed: null, changes: [{ batch: null, writer: 3, seq: 7, lsn: null }] } },
  ]);
});

test('a run that ended before its sink was read says so, and not that all is missing', async () => {
  expect(await read([])).toMatchObject([
    { sink: { status: 'unverifiable', reason: 'its sink was not read' } },
  ]);
});

test.each([
  ['of another run', [{ ...head, runId: 'r2' }], 'it is of run r2'],
  ['of a later version', [{ ...head, schemaVersion: 2 }], 'schema version 2'],
  ['with half a change', [head, [1, 3, 7]], 'line 2'],
  ['with a change of no kind', [head, [1, 3, 7, 0, null, true, 'upsert']], 'line 2'],
  ['with a position that is none', [head, [1, 3, 7, 0, 'here', true]], 'not a WAL position'],
])('a sink %s is refused', async (_what, lines, message) => {
  await expect(read(lines)).rejects.toThrow(message);
});

test('what a consumer keeps for its sink holds rows, and what was read of the sink does not', () => {
  const names = [
    'downstream/feed/staging.jsonl',
    'downstream/feed.sink.jsonl',
    'downstream/feed.jsonl',
  ];
  expect(names.map(holdsRows)).toEqual([true, false, false]);
});
