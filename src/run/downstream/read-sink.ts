import path from 'node:path';
import type { SinkHead, StoredChange } from '../../contracts/downstream.ts';
import type { OperationKind } from '../../contracts/evidence.ts';
import { changesTable, progressTable } from '../../downstream/sink-tables.ts';
import type { Session } from '../../pg/session.ts';
import { messageOf } from '../../std/errors.ts';
import { writeWhole } from '../../std/write-whole.ts';
import { heldInFile, relationOf, type Held } from './read-sink-file.ts';
import { openSink, type SinkPlace, type SinkServerPlace } from './sink-place.ts';
import { rowsOfQuery, type SinkQuery, type SourceTable } from './sink-query.ts';
import { soundness } from './soundness.ts';

interface Row {
  readonly kind: OperationKind;
  readonly batch: number;
  readonly writer: number;
  readonly seq: number;
  readonly version: number;
  readonly lsn: string;
  readonly sound: boolean | null;
}

export interface ReadSinkOptions {
  readonly runId: string;
  readonly consumer: string;
  readonly sources: readonly SourceTable[];
  /** Undefined: the sink has the tables of the shipped consumer. */
  readonly query: SinkQuery | undefined;
  readonly folder: string;
}

/** Keeps what the sink has of a consumer as NAME.sink.jsonl. A sink that cannot be read is kept as that. */
export async function readSink(place: SinkPlace, options: ReadSinkOptions): Promise<void> {
  const { runId, consumer, folder } = options;
  let held: Held = { confirmed: null, changes: [] };
  let reason: string | undefined;
  try {
    if ('file' in place) held = await heldInFile(place.file, options.sources);
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
  { consumer, sources }: Pick<ReadSinkOptions, 'consumer' | 'sources'>,
): Promise<Held> {
  const [progress] = await session.rows<{ lsn: string }>(
    `SELECT lsn::text FROM ${progressTable} WHERE consumer = $1`,
    [consumer],
  );
  const rows = await session.rows<Row>(
    // Of a deleted row only the key is sent; of an updated one nothing that it left in its TOAST table.
    `SELECT batch::float8 AS batch, kind, (row->>'writer')::int AS writer, (row->>'seq')::int AS seq, lsn::text AS lsn,
       CASE kind WHEN 'delete' THEN 0 ELSE (row->>'version')::int END AS version,
       CASE WHEN kind = 'delete' OR kind = 'update' AND NOT row ? 'payload' THEN NULL
         ELSE ${soundness((name) => `row->>'${name}'`)} END AS sound
     FROM ${changesTable} WHERE consumer = $1 AND relation = ANY ($2) ORDER BY id`,
    [consumer, sources.map(relationOf)],
  );
  const changes = rows.map(({ batch, kind, writer, seq, version, lsn, sound }): StoredChange => {
    const change = [batch, writer, seq, version, lsn, sound] as const;
    return kind === 'insert' ? change : [...change, kind];
  });
  return { confirmed: progress?.lsn ?? null, changes };
}

async function heldByQuery(session: Session, consumer: string, query: SinkQuery): Promise<Held> {
  const rows = await rowsOfQuery(session, consumer, query);
  const changes = rows.map(({ writer, seq, version, sound }): StoredChange => {
    return [null, writer, seq, version, null, sound];
  });
  return { confirmed: null, changes };
}
