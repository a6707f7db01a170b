import type { WriterReading } from '../../src/contracts/evidence.ts';
import { ExpectedBlocks, type Expectation } from '../../src/evidence/readback/digest.ts';
import type { ReadBackOptions } from '../../src/evidence/readback/options.ts';
import { readBack } from '../../src/evidence/readback/read-back.ts';
import { readContent } from '../../src/evidence/readback/read-node.ts';
import { rowHash } from '../../src/pg/checksum.ts';
import { connect } from '../../src/pg/connect.ts';
import type { Session } from '../../src/pg/session.ts';
import type { LedgerTable } from './ledger-table.ts';
import type { PostgresServer } from './postgres.ts';

export const plainTable = { name: 'ledger', partitions: [] };

/** One writer with all its rows in version 0, except for the given values. */
export function expectation(table: LedgerTable, over: Partial<Expectation> = {}): Expectation {
  return {
    writer: 0,
    present: [[0, table.rowsPerWriter - 1]],
    uncertain: [],
    versions: new Map(),
    ...over,
  };
}

/** Every writer of the table, as `expectation` says; those given replace the ones of their number. */
export function expectationsOf(
  table: LedgerTable,
  ...given: readonly Expectation[]
): readonly Expectation[] {
  const numbers = Array.from({ length: table.writers }, (_, writer) => writer);
  return numbers.map(
    (writer) => given.find((each) => each.writer === writer) ?? expectation(table, { writer }),
  );
}

/** What the read-back found, and which keys it read row by row: [writer, from, to] per statement. */
export async function readCounted(
  server: PostgresServer,
  table: LedgerTable,
  expected: readonly Expectation[],
  content = true,
) {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  const rowReads: (readonly unknown[])[] = [];
  const counting: Pick<Session, 'rows'> = {
    rows: (text, values = []) => {
      if (values.length === 3) rowReads.push(values);
      return session.rows(text, values);
    },
  };
  const blocks = new ExpectedBlocks(rowHash);
  const { structure, ...found } = await readContent(
    Object.assign(Object.create(session) as Session, counting),
    {
      schema: table.schema,
      table: plainTable,
      invariants: [],
      content,
      rowHash,
      writers: new Map(
        expected.map((each) => [each.writer, { expectation: each, blocks: blocks.of(each) }]),
      ),
    },
  );
  return { ...found, rowReads, ...(structure.length > 0 && { structure }) };
}

/** A reading of a whole writer, except for the given values. */
export function whole(table: LedgerTable, over: Partial<WriterReading> = {}): WriterReading {
  return {
    writer: 0,
    present: [[0, table.rowsPerWriter - 1]],
    versions: [],
    corrupted: [],
    duplicated: [],
    ...over,
  };
}

export function readAll(
  server: Pick<PostgresServer, 'endpoint' | 'credentials'>,
  table: LedgerTable,
  over: Partial<ReadBackOptions> = {},
) {
  return readBack({
    runId: table.runId,
    nodes: [{ name: 'pg1', observer: server.endpoint }],
    credentials: server.credentials,
    primary: 'pg1',
    converged: { ok: true, ms: 0 },
    schema: table.schema,
    table: plainTable,
    expectations: expectationsOf(table),
    rowHash,
    content: true,
    amcheck: false,
    signal: new AbortController().signal,
    ...over,
  });
}
