import path from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import type { BootOptions } from '../../contracts/backend.ts';
import type { Cluster, Node } from '../../contracts/cluster.ts';
import { ScenarioError } from '../../std/errors.ts';
import { Observer } from '../../patroni/observer.ts';
import { connect } from '../../pg/connect.ts';
import { waitUntil } from '../../std/wait.ts';
import { thisHost } from './sites.ts';
import { guardSingle } from './guard.ts';
import { engineShell } from '../../shells/docker/engine-shell.ts';
import { boxOf } from './containers.ts';
import { ask, openEngine } from '../../shells/docker/engine.ts';
import { cleanAbandoned, removeRun } from './leftovers.ts';
import { containerLog } from './logs.ts';
import { recordOf } from './record.ts';
import { requireEngine } from './preflight.ts';
import { name, type Server, startServer } from './single-server.ts';
import { singleProcess } from './single-process.ts';
import { limitsControl } from './limits.ts';
import { sqlControl } from '../../machine/sql.ts';

const readyTimeoutMs = 60_000;

/** One PostgreSQL without Patroni, from an official image or one like it; its data survive kill and start. */
export async function bootSingle(options: BootOptions): Promise<Cluster> {
  const { id, spec, signal } = options;
  if (spec.nodes !== 1) throw new ScenarioError(`topology single has one node, not ${spec.nodes}`);
  const engine = openEngine();
  await requireEngine(engine, false);
  await cleanAbandoned(engine, options.log.bind(options));
  try {
    const server = await startServer(engine, options);
    signal.throwIfAborted();
    const version = await untilReady(server, signal);
    return await singleCluster(server, { id, version, end: () => removeRun(engine, id) });
  } catch (error) {
    await removeRun(engine, id);
    signal.throwIfAborted();
    throw error;
  }
}

async function untilReady(server: Server, signal: AbortSignal): Promise<string> {
  const { endpoint, credentials } = placeOf(server);
  await using observer = new Observer(endpoint, credentials);
  const isReady = async () => (await observer.observe()).role === 'primary';
  await waitUntil(`${name} takes connections`, isReady, { timeoutMs: readyTimeoutMs, signal });
  return await versionOf(server, signal);
}

/** The server's version. Errors: those of a connection. */
export async function versionOf(server: Server, signal: AbortSignal): Promise<string> {
  const { endpoint, credentials } = placeOf(server);
  await using session = await connect(endpoint, credentials, { connectTimeoutMs: 5_000, signal });
  const [row] = await session.rows<{ server_version: string }>('SHOW server_version');
  return row?.server_version.split(' ')[0] ?? '';
}

function placeOf({ port, password }: Server) {
  return {
    endpoint: { host: '127.0.0.1', port },
    credentials: { user: 'postgres', password, database: 'postgres' },
  };
}

export interface SingleOptions {
  readonly id: string;
  readonly version: string;
  /** Called when the cluster is disposed. */
  readonly end: () => Promise<void>;
}

/** The server as a cluster of one node, frozen or not. */
export async function singleCluster(
  server: Server,
  { id, version, end }: SingleOptions,
): Promise<Cluster> {
  const { container } = server;
  const { endpoint, credentials } = placeOf(server);
  const observer = new Observer(endpoint, credentials);
  const box = await ask(`inspect ${name}`, () => boxOf(container, { name, address: '127.0.0.1' }));
  const isReady = async () => (await observer.observe()).role === 'primary';
  const shell = engineShell(box.name, box.container);
  const node: Node = {
    name,
    endpoint,
    observer: endpoint,
    shell,
    image: box.image,
    process: singleProcess({ name, container, shell }, isReady),
    sql: sqlControl(endpoint, credentials),
    limits: limitsControl(box),
  };
  return {
    id,
    backend: 'docker',
    nodes: [node],
    credentials,
    record: recordOf(id),
    guard: (owner) => guardSingle(box, owner),
    sites: [thisHost],
    versions: { postgres: version, patroni: 'none', dcs: 'none' },
    topology: async (stop) => {
      stop.throwIfAborted();
      const member = { node: name, ...(await observer.observe()) };
      return { syncStandbys: [], members: [member], isPaused: false };
    },
    collectLogs: async (directory) => {
      await mkdir(path.join(directory, name), { recursive: true });
      await writeFile(path.join(directory, name, 'postgres.log'), await containerLog(box));
    },
    [Symbol.asyncDispose]: async () => {
      await observer[Symbol.asyncDispose]();
      await end();
    },
  };
}
