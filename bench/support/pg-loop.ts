/**
 * The plain loop that the load is compared with, a process of its own: connections of `pg` that insert the ledger's columns, the
 * next as soon as the last is answered. No identity is journaled and no content made: what a program does that only writes.
 * Arguments: JSON of LoopSpec. Prints LoopFigures.
 */
import pg from 'pg';

export interface LoopSpec {
  readonly connection: pg.ClientConfig;
  readonly table: string;
  readonly clients: number;
  readonly batch: number;
  readonly payloadBytes: number;
  readonly durationMs: number;
}

export interface LoopFigures {
  readonly operations: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const spec = JSON.parse(process.argv[2] ?? '') as LoopSpec;
const payload = 'x'.repeat(spec.payloadBytes);
const clients = await Promise.all(
  Array.from({ length: spec.clients }, async () => {
    const client = new pg.Client({ ...spec.connection, keepAlive: true });
    await client.connect();
    return client;
  }),
);
const cpuBefore = process.cpuUsage();
const startedMs = performance.now();
const endMs = startedMs + spec.durationMs;
const counts = await Promise.all(clients.map((client, writer) => loop(client, writer)));
const seconds = (performance.now() - startedMs) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const figures: LoopFigures = {
  operations: counts.reduce((sum, each) => sum + each, 0),
  seconds,
  cpuSeconds: (user + system) / 1e6,
};
console.log(JSON.stringify(figures));
await Promise.all(clients.map((client) => client.end()));

async function loop(client: pg.Client, writer: number): Promise<number> {
  const columns = '(writer, seq, version, checksum, payload)';
  const one = `INSERT INTO ${spec.table} ${columns} VALUES ($1, $2, 0, $3, $4)`;
  const many = `INSERT INTO ${spec.table} ${columns} SELECT $1, row.seq, 0, row.checksum, row.payload
    FROM unnest($2::int[], $3::bigint[], $4::text[]) AS row (seq, checksum, payload)`;
  let operations = 0;
  for (let seq = 0; performance.now() < endMs; seq += spec.batch) {
    const seqs = Array.from({ length: spec.batch }, (_, index) => seq + index);
    const values =
      spec.batch === 1
        ? [writer, seq, '1234567890123456789', payload]
        : [writer, seqs, seqs.map(() => '1234567890123456789'), seqs.map(() => payload)];
    await client.query({ name: 'plain', text: spec.batch === 1 ? one : many, values });
    operations++;
  }
  return operations;
}
