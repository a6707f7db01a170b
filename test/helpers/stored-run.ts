import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type {
  NodeReading,
  OperationRecord,
  ReadBack,
  RunEvent,
} from '../../src/contracts/evidence.ts';
import type { Plan } from '../../src/contracts/scenario.ts';
import { JournalWriter } from '../../src/evidence/journal/journal.ts';
import { judgeRun } from '../../src/judge/judge.ts';
import { loadRegistry } from '../../src/registry.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';
import { writeReports } from '../../src/evidence/store/write-reports.ts';
import { operation } from '../histories/in-memory.ts';
import { clusterSettings } from './settings.ts';

export const runId = '20260101t000000z-abcdef';
const rowsPerWriter = 20;
/** pg1 acknowledged writer 1's last five rows past the fork point. */
const lostRows = 5;

const yaml = `
name: stored
claim: What is lost is lost to the fork.
cluster: { nodes: 3, patroni: { ttl: 20, loop_wait: 2, retry_timeout: 9 } }
load: { clients: 2, duration: 10s }
faults:
  - { id: cut, at: 3s, fault: partition, target: leader, from: peers, for: 2s }
expect: { lost: ${lostRows}, pattern: tail, replicas: agree }
`;

/** `set`: values of the scenario, as --set has them. */
export async function storedPlan(set: readonly string[] = []): Promise<Plan> {
  const registry = await loadRegistry();
  const scenario = parseScenario(yaml, { file: 'stored.yaml', registry, set });
  return planScenario(scenario, { seed: 7, registry, platform: 'linux' });
}

export const storedEvents: readonly RunEvent[] = [
  {
    atMs: 0,
    type: 'run',
    schemaVersion: 1,
    runId,
    startedAt: '2026-01-01T00:00:00.000Z',
    originNs: '1000000000',
    folder: 'stored/20260101T000000Z',
    versions: { postgres: '17.5', patroni: '4.0.7', dcs: 'etcd 3.5.16' },
    clients: { site: 'clients', where: 'a test' },
    reproduce: 'npm run scenario stored',
  },
  { atMs: 1000, type: 'load', edge: 'begin', originNs: '2000000000' },
  {
    atMs: 4000,
    type: 'inject',
    id: 'cut',
    fault: 'partition',
    targets: ['pg1'],
    plannedAtMs: 3000,
  },
  { atMs: 4001, type: 'undo', id: 'cut', step: { do: 'clearRules', node: 'pg1', tag: 'cut' } },
  { atMs: 4010, type: 'injected', id: 'cut', detail: null },
  { atMs: 6010, type: 'healed', id: 'cut' },
  { atMs: 11_000, type: 'load', edge: 'end' },
];

function reading(node: string, role: NodeReading['role']): NodeReading {
  const upTo = (last: number) => ({
    present: [[0, last] as const],
    versions: [],
    corrupted: [],
    duplicated: [],
  });
  return {
    node,
    role,
    status: 'read',
    timeline: 2,
    lsn: '0/4000000',
    lagBytes: 0,
    ms: 10,
    rows: rowsPerWriter * 2 - lostRows,
    writers: [
      { writer: 0, ...upTo(rowsPerWriter - 1) },
      { writer: 1, ...upTo(rowsPerWriter - lostRows - 1) },
    ],
    foreign: [],
    partitions: [],
    structure: [],
  };
}

export const storedReadBack: ReadBack = {
  schemaVersion: 1,
  runId,
  primary: 'pg2',
  converged: { ok: true, ms: 100 },
  nodes: [reading('pg1', 'replica'), reading('pg2', 'primary'), reading('pg3', 'replica')],
  contentChecked: true,
  ms: 30,
  history: [
    { timeline: 2, ancestors: [{ timeline: 1, lsn: '0/3000000', reason: 'no recovery target' }] },
  ],
};

export interface StoredRunOptions {
  /** More files, by path in the folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly journalRunId?: string;
  /** Journaled after all other records. */
  readonly operations?: readonly OperationRecord[];
}

/** Makes a run's folder as a real run leaves it, including result and reports. */
export async function storeRun(directory: string, options: StoredRunOptions = {}): Promise<void> {
  const put = async (name: string, text: string) => {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  };
  await put('plan.json', JSON.stringify(await storedPlan(), null, 2));
  await put('events.jsonl', lines(storedEvents));
  await put('readback.json', JSON.stringify(storedReadBack));
  await put('settings.json', JSON.stringify(clusterSettings()));
  await put('logs/pg1/patroni.log', '2026-01-01 00:00:00,000 INFO: no action.\n');
  await mkdir(path.join(directory, 'journal'));
  await writeJournal(
    path.join(directory, 'journal', '0.bin'),
    options.journalRunId ?? runId,
    options.operations ?? [],
  );
  for (const [name, text] of Object.entries(options.files ?? {})) await put(name, text);
  if (options.journalRunId !== undefined) return;
  const registry = await loadRegistry();
  await writeReports(directory, await judgeRun(directory, registry), registry);
}

export function lines(events: readonly unknown[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

async function writeJournal(
  file: string,
  id: string,
  more: readonly OperationRecord[],
): Promise<void> {
  const journal = JournalWriter.open(file, {
    schemaVersion: 1,
    runId: id,
    worker: 0,
    firstWriter: 0,
    writers: 2,
    nodes: ['pg1', 'pg2', 'pg3'],
    originNs: '2000000000',
  });
  for (let seq = 0; seq < rowsPerWriter; seq++) {
    for (const writer of [0, 1]) {
      const isPast = writer === 1 && seq >= rowsPerWriter - lostRows;
      const lsn = isPast ? 0x3000100n + BigInt(seq) * 100n : 0x2000000n + BigInt(seq) * 1000n;
      // Writer 0 continues at the new primary.
      const [node, timeline] = writer === 0 && seq > 14 ? [1, 2] : [0, 1];
      const place = writer === 0 && seq > 14 ? 0x3100000n + BigInt(seq) * 100n : lsn;
      journal.append(
        operation({
          writer,
          seq,
          node,
          timeline,
          lsn: place,
          sentUs: seq * 400_000,
          latencyUs: 900,
        }),
      );
    }
  }
  for (const each of more) journal.append(each);
  await journal.close();
}
