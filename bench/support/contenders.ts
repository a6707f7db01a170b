import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LoadSpec } from '../../src/contracts/scenario.ts';
import { EnvironmentError } from '../../src/std/errors.ts';
import { runOk } from '../../src/std/exec.ts';
import { startTestLoad } from '../../test/helpers/load.ts';
import type { PostgresServer } from '../../test/helpers/postgres.ts';
import { childrenOf, CpuWatch } from './process-cpu.ts';
import type { LoopFigures, LoopSpec } from './pg-loop.ts';

/** What one contender did in one round. */
export interface Round {
  readonly rowsPerSecond: number;
  /** CPU of the client's processes for one operation; server's not. */
  readonly cpuUsPerOperation: number;
}

export interface Shape {
  readonly clients: number;
  readonly batch: number;
  readonly durationMs: number;
  readonly pipeline?: number;
}

const payloadBytes = 256;
const checksum = '1234567890123456789';
const fail = (message: string) => new EnvironmentError(message);

/** The load of one worker, its journal and supervisor included: this process is the supervisor. */
export async function ours(server: PostgresServer, shape: Shape): Promise<Round & OursOnly> {
  const before = new Set(childrenOf(process.pid));
  const spec: Partial<LoadSpec> = {
    ...shape,
    workers: 1,
    payloadBytes,
    mix: { insert: 1, update: 0, delete: 0 },
  };
  await using test = await startTestLoad(server, spec);
  using workers = new CpuWatch(childrenOf(process.pid).filter((pid) => !before.has(pid)));
  const own = process.cpuUsage();
  await test.load.done;
  const workerSeconds = workers.seconds();
  const { user, system } = process.cpuUsage(own);
  const { rows, failed, indeterminate } = test.load.stats;
  if (failed + indeterminate > 0) throw new Error('the server refused writes: no measurement');
  const operations = rows / shape.batch;
  return {
    rowsPerSecond: rows / (shape.durationMs / 1000),
    cpuUsPerOperation: ((workerSeconds + (user + system) / 1e6) * 1e6) / operations,
    workerCpuUsPerOperation: (workerSeconds * 1e6) / operations,
  };
}

export interface OursOnly {
  readonly workerCpuUsPerOperation: number;
}

/** A loop over `pg` in a process of its own. */
export async function plainPg(server: PostgresServer, shape: Shape): Promise<Round> {
  await using table = await emptyTable(server);
  const { tcpEndpoint, credentials } = server;
  const { host, port } = tcpEndpoint;
  const connection = { host, port, ...credentials } as LoopSpec['connection'];
  const spec: LoopSpec = { ...shape, connection, table: table.name, payloadBytes };
  const loop = path.join(import.meta.dirname, 'pg-loop.ts');
  const figures = JSON.parse(
    await runOk(asWorker([process.execPath, loop, JSON.stringify(spec)]), fail),
  ) as LoopFigures;
  return {
    rowsPerSecond: (figures.operations * shape.batch) / figures.seconds,
    cpuUsPerOperation: (figures.cpuSeconds * 1e6) / figures.operations,
  };
}

/**
 * `pgbench -M prepared` of one thread with the same columns, sent as parameters. With `pipeline`, so many inserts, each a
 * transaction of its own, before it waits for answers.
 */
export async function pgbench(server: PostgresServer, shape: Shape): Promise<Round> {
  await using table = await emptyTable(server);
  await using bench = await pgbenchFiles(scriptOf(table.name, shape));
  const operations = shape.pipeline ?? 1;
  const line = 'TIMEFORMAT="cpu %U %S"; time "$@"';
  const said = await runOk(
    asWorker([
      'bash',
      '-c',
      `{ ${line}; } 2>&1`,
      'bash',
      ...pgbenchArgv(server, bench.script, shape),
    ]),
    fail,
    { env: { PGPASSWORD: server.credentials.password ?? '', LC_ALL: 'C' }, cwd: bench.folder },
  );
  const [transactions, perSecond, user, system] = [
    /transactions actually processed: (\d+)/,
    /tps = ([\d.]+)/,
    /cpu ([\d.]+)/,
    /cpu [\d.]+ ([\d.]+)/,
  ].map((pattern) => Number(pattern.exec(said)?.[1] ?? NaN));
  return {
    rowsPerSecond: (perSecond ?? NaN) * operations * shape.batch,
    cpuUsPerOperation:
      (((user ?? NaN) + (system ?? NaN)) * 1e6) / ((transactions ?? NaN) * operations),
  };
}

/** With the priority that a load worker gives itself, in a session of its own as a worker is. */
export function asWorker(argv: readonly string[]): string[] {
  const raised = '{ echo -10 >/proc/self/autogroup; } 2>/dev/null; exec nice -n -10 "$@"';
  return ['setsid', '--wait', 'bash', '-c', raised, 'bash', ...argv];
}

export function pgbenchArgv(
  { binDirectory, tcpEndpoint, credentials }: PostgresServer,
  script: string,
  { clients, durationMs }: Shape,
): string[] {
  return [
    path.join(binDirectory, 'pgbench'),
    ...['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-f', script],
    ...['-T', String(Math.ceil(durationMs / 1000)), '-D', 'seq=0', '-D', `checksum=${checksum}`],
    ...['-D', `payload=${'x'.repeat(payloadBytes)}`],
    ...['-h', tcpEndpoint.host, '-p', String(tcpEndpoint.port), '-U', credentials.user],
    credentials.database,
  ];
}

/** pgbench takes at most 255 parameters a statement: in a batch the writer is part of the row's number. */
export function scriptOf(table: string, { batch, pipeline }: Shape): string {
  const into = `INSERT INTO ${table} (writer, seq, version, checksum, payload) VALUES`;
  const one = [`\\set seq :seq + 1`, `${into} (:client_id, :seq, 0, :checksum, :payload);`];
  const rows = Array.from(
    { length: batch },
    (_, index) => `(0, :row::int + ${index}, 0, ${checksum}, :payload)`,
  );
  const many = [
    `\\set seq :seq + ${batch}`,
    `\\set row :client_id * 100000000 + :seq`,
    `${into} ${rows.join(', ')};`,
  ];
  const insert = batch === 1 ? one : many;
  if (pipeline === undefined) return `${insert.join('\n')}\n`;
  const transaction = [insert[0], 'BEGIN;', ...insert.slice(1), 'COMMIT;'];
  const all = Array.from({ length: pipeline }, () => transaction).flat();
  return `${['\\startpipeline', ...all, '\\endpipeline'].join('\n')}\n`;
}

export async function pgbenchFiles(
  text: string,
): Promise<AsyncDisposable & { readonly script: string; readonly folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fp-pgbench-'));
  const script = path.join(folder, 'insert.sql');
  await writeFile(script, text);
  return { script, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

let tables = 0;

/** The ledger's table, in no run's schema. */
export async function emptyTable(
  server: PostgresServer,
): Promise<AsyncDisposable & { readonly name: string }> {
  const name = `plain_${++tables}`;
  const { connect } = await import('../../src/pg/connect.ts');
  const statement = async (text: string) => {
    await using session = await connect(server.endpoint, server.credentials, {
      connectTimeoutMs: 10_000,
    });
    await session.rows(text);
  };
  await statement(`CREATE TABLE ${name} (writer int, seq int, version int NOT NULL,
    checksum bigint NOT NULL, payload text NOT NULL, PRIMARY KEY (writer, seq))`);
  return { name, [Symbol.asyncDispose]: () => statement(`DROP TABLE ${name}`) };
}
