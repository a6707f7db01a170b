import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NodeReading, ReadBack, WriterReading } from '../../src/contracts/evidence.ts';
import { journalPath, JournalWriter } from '../../src/evidence/journal/journal.ts';
import { operation } from '../histories/in-memory.ts';
import { clusterSettings } from './settings.ts';
import { lines, runId, storedEvents, storedPlan, storedReadBack } from './stored-run.ts';

export interface Scattered {
  /** Single rows that are lost, over all writers; as many others are kept between them. */
  readonly lost: number;
  readonly writers: number;
}

/** Rows of each that are neither: the first writes of a run, long before the fork. */
const calmRows = 4;
const forkLsn = 0x3000000n;

/** A run's folder in which every other row past a fork is lost, on three nodes that agree. Nothing is judged yet. */
export async function storeScatteredRun(directory: string, size: Scattered): Promise<void> {
  const { lost, writers } = size;
  const put = (name: string, value: unknown) =>
    writeFile(
      path.join(directory, name),
      typeof value === 'string' ? value : JSON.stringify(value),
    );
  await mkdir(path.join(directory, 'journal'), { recursive: true });
  const set = [`load.clients=${writers}`, `expect.lost=${lost}`, 'expect.pattern=periodic'];
  await put('plan.json', await storedPlan(set));
  await put('events.jsonl', lines(storedEvents));
  await put('settings.json', clusterSettings());
  await writeJournal(directory, size);
  const present = readingsOf(size);
  await put('readback.json', {
    ...storedReadBack,
    nodes: storedReadBack.nodes.map((node): NodeReading => ({
      ...node,
      writers: present,
      rows: calmRows * writers + lost,
    })),
  } satisfies ReadBack);
}

async function writeJournal(directory: string, { lost, writers }: Scattered): Promise<void> {
  const journal = JournalWriter.open(journalPath(directory, 0), {
    schemaVersion: 1,
    runId,
    worker: 0,
    firstWriter: 0,
    writers,
    nodes: ['pg1', 'pg2', 'pg3'],
    originNs: '2000000000',
  });
  const rows = calmRows + (2 * lost) / writers;
  for (let seq = 0; seq < rows; seq++) {
    for (let writer = 0; writer < writers; writer++) {
      const place = BigInt(seq * writers + writer) * 64n;
      const isCalm = seq < calmRows;
      journal.append(
        operation({
          writer,
          seq,
          lsn: isCalm ? 0x1000000n + place : forkLsn + place,
          sentUs: Math.floor((seq * 9e6) / rows),
          latencyUs: 150,
        }),
      );
    }
    if (seq % 100 === 0) await journal.flush();
  }
  await journal.close();
}

function readingsOf({ lost, writers }: Scattered): readonly WriterReading[] {
  const perWriter = lost / writers;
  return Array.from({ length: writers }, (_, writer) => ({
    writer,
    present: [
      [0, calmRows] as const,
      ...Array.from({ length: perWriter - 1 }, (_, nth) => {
        const seq = calmRows + 2 * (nth + 1);
        return [seq, seq] as const;
      }),
    ],
    versions: [],
    corrupted: [],
    duplicated: [],
  }));
}
