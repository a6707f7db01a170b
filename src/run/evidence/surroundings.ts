import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PatroniControl } from '../../contracts/cluster.ts';
import { messageOf } from '../../std/errors.ts';
import type { SkippedEvidence } from '../../contracts/evidence.ts';
import type { KnownNode } from './know-nodes.ts';
import { runOn } from './survey.ts';
import { logTailScript } from './taking-scripts.ts';

const mostDocumentBytes = 2 ** 20;
/** Of the end of each log; an hour of a quiet server, and some minutes of one that logs every error of its clients. */
const mostLogBytes = 256 * 1024;
const timeoutMs = 5_000;

const documents = ['history', 'cluster', 'config'] as const;

export interface Surroundings {
  readonly from: KnownNode;
  /** Absent: no Patroni, or none that can be asked. */
  readonly patroni: PatroniControl | undefined;
  /** On this host. */
  readonly folder: string;
}

/** Keeps what Patroni says now, and the ends of the node's logs. Returns what is missing, and why. Never rejects. */
export async function keepSurroundings(options: Surroundings): Promise<readonly SkippedEvidence[]> {
  const [ofPatroni, logs] = await Promise.all([keepPatroni(options), keepLogs(options)]);
  return [...ofPatroni, ...logs];
}

async function keepPatroni({ patroni, folder }: Surroundings): Promise<readonly SkippedEvidence[]> {
  const { read } = patroni ?? {};
  if (!read) return [];
  const kept = documents.map((name) =>
    missing(`Patroni's /${name}`, async () => {
      const value = await read(`/${name}`, AbortSignal.timeout(timeoutMs));
      const text = `${JSON.stringify(value, null, 2)}\n`;
      if (text.length > mostDocumentBytes) throw new Error(`more than ${mostDocumentBytes} bytes`);
      await keep(path.join(folder, 'patroni'), `${name}.json`, text);
    }),
  );
  return (await Promise.all(kept)).flat();
}

async function keepLogs({ from, folder }: Surroundings): Promise<readonly SkippedEvidence[]> {
  const kept = from.logs.map((file) =>
    missing(file, async () => {
      const text = await runOn(from, logTailScript, file, String(mostLogBytes));
      await keep(path.join(folder, 'logs'), path.basename(file), text);
    }),
  );
  return (await Promise.all(kept)).flat();
}

async function keep(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path.join(folder, name), text);
}

async function missing(
  what: string,
  work: () => Promise<void>,
): Promise<readonly SkippedEvidence[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [{ what, why: messageOf(error) }];
  }
}
