import path from 'node:path';
import type { SinkHead, StoredChange } from '../../contracts/downstream.ts';
import { changesTable, progressTable } from '../../downstream/sink-tables.ts';
import type { Session } from '../../pg/session.ts';
import { messageOf } from '../../std/errors.ts';
import { writeWhole } from '../../std/write-whole.ts';
import { heldInFile, type Held } from './read-sink-file.ts';
import { openSink, type SinkPlace, type SinkServerPlace } from './sink-place.ts';
import { rowsOfQuery, type SourceTable } from './sink-query.ts';
import { soundness } from './soundness.ts';

interface Row {
  readonly batch: number;
  readonly writer: number;
  readonly seq: number;
  readonly version: number;
  readonly lsn: string;
  readonly sound: boolean;
}

export interface ReadSinkOptions {
  readonly runId: string;
  readonly consumer: string;
  readonly source: SourceTable;
  /** Undefined: the sink has the tables of the shipped consumer. */
  readonly query: string | undefined;
  readonly folder: string;
}

/** Keeps what the sink has of a consumer as NAME.sink.jsonl. A sink that cannot be read is kept as that. */
export async function readSink(place: SinkPlace, options: ReadSinkOptions): Promise<void> {
  const { runId, consumer, folder } = options;
  let held: Held = { confirmed: null, changes: [] };
  let reason: string | undefined;
  try {
    if ('file' in place) held = await heldInFile(place.file, options.source);
    else held = await heldByServer(place, options);
  } catch (error) {
    reason = `its sink could not be read: ${messageOf(error)}`;
  }
  const head: SinkHead = {
    schemaVersion: 1,
    runId,
    status: reason === undefined ? 'read' : 'unverifiable',
    ...(reason !== undefined && { reason }),
    confirmed: held.confirmed,
    readAtNs: String(process.hrtime.bigint()),
  };
  const text = [head, ...held.changes].map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeWhole(path.join(folder, `${consumer}.sink.jsonl`), text);
}

async function heldByServer(place: SinkServerPlace, options: ReadSinkOptions): Promise<Held> {
  const { consumer, query } = options;
  await using session = await openSink(place);
  return await (query === undefined
    ? heldOf(session, options)
    : heldByQuery(session, consumer, query));
}

async function heldOf(
  session: Session,
  { consumer, source }: Pick<ReadSinkOptions, 'consumer' | 'source'>,
): Promise<Held> {
  const [progress] = await session.rows<{ lsn: string }>(
    `SELECT lsn::text FROM ${progressTable} WHERE consumer = $1`,
    [consumer],
  );
  const rows = await session.rows<Row>(
    `SELECT batch::float8 AS batch, (row->>'writer')::int AS writer, (row->>'seq')::int AS seq,
       (row->>'version')::int AS version, lsn::text AS lsn, ${soundness((name) => `row->>'${name}'`)} AS sound
     FROM ${changesTable} WHERE consumer = $1 AND relation = $2 AND kind = 'insert' ORDER BY id`,
    [consumer, `${source.schema}.${source.table}`],
  );
  const changes = rows.map(({ batch, writer, seq, version, lsn, sound }): StoredChange => {
    return [batch, writer, seq, version, lsn, sound];
  });
  return { confirmed: progress?.lsn ?? null, changes };
}

async function heldByQuery(session: Session, consumer: string, query: string): Promise<Held> {
  const rows = await rowsOfQuery(session, consumer, query);
  const changes = rows.map(({ writer, seq, sound }): StoredChange => {
    return [null, writer, seq, 0, null, sound];
  });
  return { confirmed: null, changes };
}
