import path from 'node:path';
import type { SinkServer } from '../../contracts/cluster.ts';
import type { SinkHead, StoredChange } from '../../contracts/downstream.ts';
import { changesTable, progressTable } from '../../downstream/sink-tables.ts';
import { connect } from '../../pg/connect.ts';
import { messageOf } from '../../std/errors.ts';
import { writeWhole } from '../../std/write-whole.ts';

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 120_000;

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
  /** `schema.table` */
  readonly relation: string;
  readonly folder: string;
}

/** Keeps what the sink has of a consumer as NAME.sink.jsonl. A sink that cannot be read is kept as that. */
export async function readSink(sink: SinkServer, options: ReadSinkOptions): Promise<void> {
  const { runId, consumer, folder } = options;
  let found: { readonly confirmed: string | null; readonly rows: readonly Row[] };
  let reason: string | undefined;
  try {
    found = await rowsOf(sink, options);
  } catch (error) {
    reason = `its sink could not be read: ${messageOf(error)}`;
    found = { confirmed: null, rows: [] };
  }
  const head: SinkHead = {
    schemaVersion: 1,
    runId,
    status: reason === undefined ? 'read' : 'unverifiable',
    ...(reason !== undefined && { reason }),
    confirmed: found.confirmed,
    readAtNs: String(process.hrtime.bigint()),
  };
  const changes = found.rows.map(({ batch, writer, seq, version, lsn, sound }): StoredChange => {
    return [batch, writer, seq, version, lsn, sound];
  });
  const text = [head, ...changes].map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeWhole(path.join(folder, `${consumer}.sink.jsonl`), text);
}

/** The checksum is that of a tracked row: see TrackedTable. */
async function rowsOf(sink: SinkServer, { consumer, relation }: ReadSinkOptions) {
  await using session = await connect(sink.observer, sink.credentials, {
    connectTimeoutMs,
    queryTimeoutMs,
    applicationName: 'forkpoint read-back',
  });
  const [progress] = await session.rows<{ lsn: string }>(
    `SELECT lsn::text FROM ${progressTable} WHERE consumer = $1`,
    [consumer],
  );
  const rows = await session.rows<Row>(
    `SELECT batch::float8 AS batch, (row->>'writer')::int AS writer, (row->>'seq')::int AS seq,
       (row->>'version')::int AS version, lsn::text AS lsn,
       coalesce(hashtextextended(row->>'payload', ((row->>'version')::bigint << 32) | (row->>'seq')::bigint)
         # (row->>'writer')::bigint = (row->>'checksum')::bigint, false) AS sound
     FROM ${changesTable} WHERE consumer = $1 AND relation = $2 AND kind = 'insert' ORDER BY id`,
    [consumer, relation],
  );
  return { confirmed: progress?.lsn ?? null, rows };
}
