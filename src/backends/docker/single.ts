import path from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import type { BootOptions, Cluster, Node } from '../../contracts/cluster.ts';
import { ScenarioError } from '../../errors.ts';
import { Observer } from '../../patroni/observer.ts';
import { connect } from '../../pg/connect.ts';
import { waitUntil } from '../../wait.ts';
import { thisHost } from './cluster.ts';
import { type Box, execIn } from './containers.ts';
import { ask, type Engine, openEngine } from './engine.ts';
import { cleanLeftovers, removeRun } from './leftovers.ts';
import { containerLog } from './logs.ts';
import { requireEngine } from './preflight.ts';
import { name, type Server, startServer } from './single-server.ts';
import { singleProcess } from './single-process.ts';
import { sqlControl } from '../shared/sql-control.ts';

const readyTimeoutMs = 60_000;

/** One PostgreSQL without Patroni, from an official image or one like it; its data outlive kill and start. */
export async function bootSingle(options: BootOptions): Promise<Cluster> {
  const { id, spec, signal } = options;
  if (spec.nodes !== 1) throw new ScenarioError(`topology single has one node, not ${spec.nodes}`);
  const engine = openEngine();
  await requireEngine(engine, false);
  const cleaned = await cleanLeftovers(engine);
  if (cleaned.length > 0) options.log(`removed what ${cleaned.join(', ')} left behind`);
  try {
    const server = await startServer(engine, options);
    signal.throwIfAborted();
    return await singleCluster(engine, server, options);
  } catch (error) {
    await removeRun(engine, id);
    signal.throwIfAborted();
    throw error;
  }
}

async function singleCluster(
  engine: Engine,
  server: Server,
  { id, signal }: BootOptions,
): Promise<Cluster> {
  const { container, port, password } = server;
  const endpoint = { host: '127.0.0.1', port };
  const credentials = { user: 'postgres', password, database: 'postgres' };
  const observer = new Observer(endpoint, credentials);
  const { State: state } = await ask(`inspect ${name}`, () => container.inspect());
  const box: Box = { name, address: '127.0.0.1', container, pid: state.Pid, ports: new Map() };
  const isReady = async () => (await observer.observe()).role === 'primary';
  await waitUntil(`${name} takes connections`, isReady, { timeoutMs: readyTimeoutMs, signal });
  await using session = await connect(endpoint, credentials, { connectTimeoutMs: 5_000, signal });
  const [row] = await session.rows<{ server_version: string }>('SHOW server_version');
  const node: Node = {
    ...{ name, endpoint, observer: endpoint },
    exec: (argv, stop) => execIn(box, argv, { signal: stop }),
    process: singleProcess(name, container, isReady),
    sql: sqlControl(endpoint, credentials),
  };
  return {
    ...{ id, backend: 'docker', nodes: [node], credentials },
    sites: [thisHost],
    versions: { postgres: row?.server_version.split(' ')[0] ?? '', patroni: 'none', dcs: 'none' },
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
      await removeRun(engine, id);
    },
  };
}
