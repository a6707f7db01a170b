import path from 'node:path';
import { z } from 'zod';
import type {
  SinkHead,
  SinkReading,
  StoredChange,
  StoredConsumer,
  StoredLine,
} from '../../contracts/downstream.ts';
import type { RunEvent } from '../../contracts/evidence.ts';
import type { Plan } from '../../contracts/scenario.ts';
import { parseLsn } from '../../std/units/lsn.ts';
import { edited, laterVersion, problemWith, readStoredText } from './read-json.ts';

export const downstreamFolder = 'downstream';

const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i, 'not a WAL position');
const ns = z.string().regex(/^\d{1,19}$/, 'not a time in nanoseconds');
const int = z.int().min(-(2 ** 31));
const line = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('started'), atNs: ns, pid: int }),
  z.looseObject({ type: z.literal('streaming'), atNs: ns, node: z.string(), fromLsn: lsn }),
  z.looseObject({ type: z.literal('delivered'), atNs: ns, batch: int, changes: int, lsn }),
  z.looseObject({ type: z.literal('gap'), atNs: ns, fromLsn: lsn, toLsn: lsn, why: z.string() }),
  z.looseObject({
    type: z.literal('retry'),
    atNs: ns,
    what: z.string(),
    waitsFor: z.enum(['source', 'sink']).exactOptional(),
  }),
  z.looseObject({
    type: z.literal('state'),
    atNs: ns,
    confirmedLsn: lsn,
    stagedBatches: int,
    stagedBytes: int,
    failedAttempts: int,
    lagMs: int.exactOptional(),
  }),
  z.looseObject({ type: z.literal('ended'), atNs: ns, how: z.string() }),
  z.looseObject({ type: z.enum(['frozen', 'thawed']), atNs: ns }),
  z.looseObject({
    type: z.literal('stopped'),
    atNs: ns,
    isAsked: z.boolean(),
    why: z.string(),
  }),
]);
const head = z.looseObject({
  schemaVersion: z.literal(1),
  runId: z.string(),
  status: z.enum(['read', 'unverifiable']),
  reason: z.string().exactOptional(),
  confirmed: lsn.nullable(),
  readAtNs: ns,
});
const change = z.tuple([
  int.nullable(),
  int,
  int,
  int,
  lsn.nullable(),
  z.boolean().nullable(),
  z.enum(['update', 'delete']).optional(),
]);

/**
 * What each consumer of a run said, and what its sink held; undefined for a run without consumers.
 * Errors: ScenarioError for a file that no run writes; EnvironmentError.
 */
export async function readDownstream(
  directory: string,
  { scenario }: Plan,
  events: readonly RunEvent[],
): Promise<readonly StoredConsumer[] | undefined> {
  if (!scenario.downstream) return undefined;
  const begin = events.find((event) => event.type === 'load' && event.edge === 'begin');
  const originNs = begin && 'originNs' in begin ? BigInt(begin.originNs) : 0n;
  const run = events.find((event) => event.type === 'run');
  const usOf = (atNs: string) => Number(BigInt(atNs) - originNs) / 1000;
  const folder = path.join(directory, downstreamFolder);
  return Promise.all(
    scenario.downstream.map(async ({ name, consumer }) => ({
      name,
      consumer,
      lines: await readLines(path.join(folder, `${name}.jsonl`), usOf),
      sink: await readSink(path.join(folder, `${name}.sink.jsonl`), run?.runId, usOf),
    })),
  );
}

async function readLines(
  file: string,
  usOf: (atNs: string) => number,
): Promise<StoredConsumer['lines']> {
  const lines = await linesOf(file);
  return lines.map((text, index) => {
    const value = parsed(file, text, { index, schema: line }) as StoredLine;
    return { ...value, atUs: usOf(value.atNs) };
  });
}

async function readSink(
  file: string,
  runId: string | undefined,
  usOf: (atNs: string) => number,
): Promise<SinkReading> {
  const [first, ...rest] = await linesOf(file);
  if (first === undefined) return { status: 'unverifiable', reason: 'its sink was not read' };
  const found = parsed(file, first, { index: 0, schema: z.looseObject({}) }) as SinkHead;
  if ((found.schemaVersion as number) !== 1) throw laterVersion(file, found.schemaVersion);
  const problem = problemWith(head, found);
  if (problem !== undefined) throw edited(file, problem);
  if (found.runId !== runId) throw edited(file, `it is of run ${found.runId}`);
  const { status, reason = 'no reason was given', confirmed, readAtNs } = found;
  if (status !== 'read') return { status, reason };
  return {
    status,
    confirmed: confirmed === null ? null : parseLsn(confirmed),
    readAtUs: usOf(readAtNs),
    changes: rest.map((text, index) => {
      const value = parsed(file, text, { index: index + 1, schema: change }) as StoredChange;
      const [batch, writer, seq, version, at, isSound, kind = 'insert'] = value;
      const position = at === null ? null : parseLsn(at);
      return { batch, kind, writer, seq, version, lsn: position, isSound };
    }),
  };
}

/** The last one may be half a line, where the writer died. */
async function linesOf(file: string): Promise<readonly string[]> {
  const text = (await readStoredText(file)) ?? '';
  return text.split('\n').slice(0, -1);
}

function parsed(
  file: string,
  text: string,
  { index, schema }: { readonly index: number; readonly schema: z.ZodType },
): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw edited(file, `line ${index + 1} is not JSON`);
  }
  const problem = problemWith(schema, value);
  if (problem !== undefined) throw edited(file, `line ${index + 1}: ${problem}`);
  return value;
}
