import type { Statement, WorkloadContext } from '../../src/contracts/workload.ts';
import { connect } from '../../src/pg/connect.ts';
import { quoteIdentifier } from '../../src/pg/quote.ts';
import { schemaOf } from '../../src/load/workload-context.ts';
import ledger from '../../src/workloads/ledger.ts';
import type { PostgresServer } from './postgres.ts';

export interface LedgerTable {
  readonly runId: string;
  readonly schema: string;
  /** Already quoted. */
  readonly name: string;
  readonly rowsPerWriter: number;
  readonly writers: number;
}

export interface LedgerSize {
  readonly runId: string;
  readonly writers: number;
  readonly rowsPerWriter: number;
  readonly payloadBytes: number;
  readonly params?: { readonly serverIds: boolean; readonly partitions: number };
}

/**
 * The ledger workload's own tables, filled by the server: every writer has the rows 0 to rowsPerWriter - 1, interleaved
 * as a load would leave them, each with the checksum its client would have made. Analysed and, as after a load, not vacuumed.
 */
export async function fillLedger(server: PostgresServer, size: LedgerSize): Promise<LedgerTable> {
  const { runId, writers, rowsPerWriter, payloadBytes } = size;
  const schema = schemaOf(runId);
  const context: WorkloadContext<{ serverIds: boolean; partitions: number }> = {
    schema,
    runId,
    seed: 1,
    batch: 1,
    payloadBytes,
    mix: { insert: 1, update: 0, delete: 0 },
    params: size.params ?? { serverIds: false, partitions: 0 },
  };
  const name = `${quoteIdentifier(schema)}.ledger`;
  const words = `repeat(md5(writer::text || '/' || seq), ${Math.ceil(payloadBytes / 32)})`;
  const statements: Statement[] = [
    plain('BEGIN'),
    ...ledger.setup(context),
    ...[
      // The index is built at once at the end, and nothing is logged for a table made in the same transaction.
      `ALTER TABLE ${name} DROP CONSTRAINT ledger_pkey`,
      `INSERT INTO ${name} (writer, seq, version, checksum, payload)
         SELECT writer, seq, 0, hashtextextended(payload, seq::int8) # writer::int8, payload
           FROM generate_series(0, ${rowsPerWriter - 1}) AS seq,
                generate_series(0, ${writers - 1}) AS writer,
                LATERAL (SELECT left(${words}, ${payloadBytes})) AS made (payload)`,
      `ALTER TABLE ${name} ADD PRIMARY KEY (writer, seq)`,
      'COMMIT',
      `ANALYZE ${name}`,
    ].map(plain),
  ];
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  for (const statement of statements) await session.query(statement);
  return { runId, schema, name, rowsPerWriter, writers };
}

function plain(text: string): Statement {
  return { text, values: [] };
}
