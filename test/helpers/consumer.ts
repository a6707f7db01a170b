import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConsumerInput, ConsumerLine } from '../../src/contracts/downstream.ts';
import type { TlsOptions } from '../../src/contracts/tls.ts';
import { readSinkFile } from '../../src/downstream/sink-file.ts';
import { connect } from '../../src/pg/connect.ts';
import type { Session } from '../../src/pg/session.ts';
import { start } from '../../src/std/exec.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { startPostgres, type PostgresServer } from './postgres.ts';

const program = path.resolve(import.meta.dirname, '../../src/downstream/cdc.ts');

/** A primary and a sink. */
export interface Pipeline extends AsyncDisposable {
  readonly source: Session;
  readonly sink: Session;
  readonly sinkServer: PostgresServer;
  /** A published table of this name, and a slot. `writesTo`: a file instead of the sink. */
  feed(name: string, options?: FeedOptions): Promise<Feed>;
}

interface FeedOptions {
  readonly writesTo?: 'file';
  /** How the consumer connects to the primary. */
  readonly tls?: TlsOptions;
}

/** The consumers of one table, in processes of their own. */
export interface Feed extends AsyncDisposable {
  /** Where it writes to, with `writesTo: 'file'`. */
  readonly file: string;
  /** Starts the shipped consumer, or another one. The last must have ended. */
  consumer(command?: readonly string[]): TestConsumer;
  /** The shipped consumer delivers rows 0 to 9, and is asked to end. */
  deliverTen(): Promise<void>;
  /** One transaction of rows from..to. */
  insert(from: number, to?: number): Promise<unknown>;
  /** The seqs in the sink, in the order of their delivery, once there are so many. */
  delivered(least?: number): Promise<readonly number[]>;
  /** Resolves when this seq is in the sink. */
  until(seq: number): Promise<unknown>;
}

export interface TestConsumer {
  readonly lines: readonly ConsumerLine[];
  /** Resolves with the first line of this type, of those that fit. */
  line<T extends ConsumerLine['type']>(type: T): Promise<Extract<ConsumerLine, { type: T }>>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<unknown>;
}

export interface PipelineOptions {
  /** Of the primary, beside its own. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export async function startPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const parameters = { wal_level: 'logical', fsync: 'off', ...options.parameters };
  const stack = new AsyncDisposableStack();
  const sourceServer = stack.use(await startPostgres({ parameters }));
  const sinkServer = stack.use(await startPostgres({ parameters: { fsync: 'off' } }));
  const open = ({ endpoint, credentials }: PostgresServer) =>
    connect(endpoint, credentials, { connectTimeoutMs: 5_000 });
  const source = stack.use(await open(sourceServer));
  const sink = stack.use(await open(sinkServer));
  return {
    source,
    sink,
    sinkServer,
    feed: (name, options) => startFeed(name, { source, sink, sourceServer, sinkServer }, options),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface Servers extends Pick<Pipeline, 'source' | 'sink' | 'sinkServer'> {
  readonly sourceServer: PostgresServer;
}

async function startFeed(
  name: string,
  servers: Servers,
  { writesTo, tls }: FeedOptions = {},
): Promise<Feed> {
  const { source, sink, sourceServer, sinkServer } = servers;
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'fp-cdc-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'events.jsonl');
  await source.rows(
    `CREATE TABLE ${name} (writer int, seq int, version int, checksum bigint, payload text); CREATE PUBLICATION ${name} FOR TABLE ${name}`,
  );
  const [slot] = await source.rows<{ lsn: string }>(
    "SELECT lsn::text FROM pg_create_logical_replication_slot($1, 'pgoutput')",
    [name],
  );
  const { host, port } = sourceServer.tcpEndpoint;
  const input: ConsumerInput = {
    name,
    slot: name,
    publication: name,
    folder,
    timeline: 1,
    fromLsn: slot?.lsn ?? '',
    nodes: [{ name: 'pg1', host, port, ...(tls && { tls }) }],
    source: sourceServer.credentials,
    ...(writesTo === 'file'
      ? { sinkFile: file }
      : { sink: { ...sinkServer.credentials, ...sinkServer.tcpEndpoint } }),
  };
  const read = async () => {
    if (writesTo === 'file') return seqsInFile(file);
    const rows = await sink.rows<{ seq: number }>(
      "SELECT (row->>'seq')::int AS seq FROM forkpoint_downstream.changes WHERE consumer = $1 ORDER BY id",
      [name],
    );
    return rows.map(({ seq }) => seq);
  };
  const consumer = (command?: readonly string[]) => stack.use(startConsumer(input, command));
  const insert = (from: number, to = from) =>
    source.rows(
      `INSERT INTO ${name} SELECT 1, seq, 0, 0, 'x' FROM generate_series($1::int, $2::int) seq`,
      [from, to],
    );
  const delivered = (least = 0) =>
    waitUntil(
      `${name} has ${least} changes`,
      async () => {
        const seqs = await read();
        return seqs.length >= least && seqs;
      },
      { timeoutMs: 30_000 },
    );
  return {
    file,
    consumer,
    deliverTen: async () => {
      const first = consumer();
      await insert(0, 9);
      await delivered(10);
      first.kill('SIGTERM');
      await first.ended;
    },
    insert,
    delivered,
    until: (seq) =>
      waitUntil(`${name} has seq ${seq}`, async () => (await read()).includes(seq), {
        timeoutMs: 30_000,
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Of the whole batches; none while there is no file. */
async function seqsInFile(file: string): Promise<readonly number[]> {
  const content = await readFile(file).catch(() => Buffer.of());
  return readSinkFile(content).batches.flatMap(({ changes }) =>
    changes.map(({ row }) => Number(row.seq)),
  );
}

function startConsumer(
  input: ConsumerInput,
  command: readonly string[] = [process.execPath, program],
): TestConsumer & AsyncDisposable {
  const child = start([...command], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
    reject: false,
    buffer: false,
    // It has 30 s after SIGTERM; the library would kill it after 5 s.
    forceKillAfterDelay: false,
  });
  const lines: ConsumerLine[] = [];
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((line) => JSON.parse(line) as ConsumerLine));
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(`${JSON.stringify(input)}\n`);
  const ended = Promise.resolve(child);
  return {
    lines,
    ended,
    kill: (signal) => void child.kill(signal),
    line: <T extends ConsumerLine['type']>(type: T) =>
      waitUntil(
        `the consumer says ${type}`,
        () => lines.find((line): line is Extract<ConsumerLine, { type: T }> => line.type === type),
        { timeoutMs: 30_000 },
      ),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
