import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientSite, Endpoint } from '../../src/contracts/cluster.ts';
import type { LoadSpec, Plan } from '../../src/contracts/scenario.ts';
import { commandShell } from '../../src/shells/support/command-shell.ts';
import type { Load, LoadOptions } from '../../src/load/load.ts';
import { startLoad } from '../../src/load/supervisor.ts';
import { connect } from '../../src/pg/connect.ts';
import { schemaOf } from '../../src/load/workload-context.ts';
import { heartbeatSetup } from '../../src/load/heartbeat-table.ts';
import { tracked } from '../../src/load/tracked.ts';
import { loadRegistry } from '../../src/registry.ts';
import { placedWorkloads } from '../../src/load/placed-workloads.ts';
import { hasClientReads } from '../../src/std/units/client-reads.ts';
import type { PostgresServer } from './postgres.ts';

export interface TestLoad extends AsyncDisposable {
  readonly load: Load;
  readonly journalDirectory: string;
  readonly runId: string;
  readonly plan: Plan;
  /** `schema.ledger`, quoted. */
  readonly table: string;
}

export type TestServer = Pick<PostgresServer, 'endpoint' | 'tcpEndpoint' | 'credentials'>;

export interface TestLoadOptions extends Partial<LoadSpec> {
  readonly client?: Partial<ClientSite>;
  /** Besides that of the load. */
  readonly sites?: readonly ClientSite[];
  readonly prefix?: readonly string[];
  /** Nodes other than the server itself. */
  readonly members?: readonly { readonly name: string; readonly endpoint: Endpoint }[];
  /** Servers on which the tables are created too. */
  readonly alsoSeed?: readonly TestServer[];
  readonly options?: Partial<Omit<LoadOptions, 'registry'>>;
}

const registry = await loadRegistry();
let runs = 0;

const defaults: LoadSpec = {
  workload: 'ledger',
  clients: 8,
  durationMs: 2_000,
  mix: { insert: 0.8, update: 0.2, delete: 0 },
  batch: 1,
  payloadBytes: 256,
  deadlineMs: 2_000,
  site: 'host',
  workers: 2,
  params: { serverIds: false, partitions: 0 },
};

/** The ledger's load against one server, in a schema of its own. Disposing it kills the load and its journals. */
export async function startTestLoad(
  server: TestServer,
  {
    prefix = [],
    client,
    sites = [],
    members,
    alsoSeed = [],
    options,
    ...spec
  }: TestLoadOptions = {},
): Promise<TestLoad> {
  const runId = `test-${process.pid}-${++runs}`;
  const plan = planOf({ ...defaults, ...spec });
  for (const each of [server, ...alsoSeed]) await seed(each, plan, runId);
  const journalDirectory = await mkdtemp(join(tmpdir(), 'fp-journal-'));
  const nodes = members ?? [{ name: 'pg1', endpoint: server.tcpEndpoint }];
  const removeJournals = () => rm(journalDirectory, { recursive: true });
  const load = await startLoad({
    cluster: {
      nodes: nodes.map((node) => ({
        ...node,
        observer: node.endpoint,
      })),
      sites: [
        {
          name: 'host',
          description: 'this host',
          shell: commandShell('this host', prefix),
          isRemote: false,
          ...client,
        },
        ...sites,
      ],
      credentials: server.credentials,
    },
    plan,
    registry,
    runId,
    journalDirectory,
    signal: new AbortController().signal,
    ...options,
  }).catch(async (error: unknown) => {
    await removeJournals();
    throw error;
  });
  return {
    load,
    journalDirectory,
    runId,
    plan,
    table: `"${schemaOf(runId)}".ledger`,
    [Symbol.asyncDispose]: async () => {
      await load[Symbol.asyncDispose]();
      await removeJournals();
    },
  };
}

function planOf(load: LoadSpec): Plan {
  return {
    schemaVersion: 1,
    seed: 1,
    backend: 'test',
    scenario: {
      name: 'test',
      claim: '',
      cluster: {
        nodes: 1,
        topology: 'single',
        patroni: {},
        synchronous: 'off',
        parameters: {},
        convergeMs: 0,
      },
      load,
      faults: [],
      expect: {},
      verify: { content: true, amcheck: false },
    },
  };
}

async function seed(server: TestServer, plan: Plan, runId: string): Promise<void> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  await session.rows('set default_transaction_read_only = off');
  const { load } = plan.scenario;
  for (const { workload, context } of placedWorkloads(plan, runId, registry)) {
    const params = workload.params.safeParse(context.params);
    if (!params.success) throw new Error('the test has wrong workload parameters');
    const setup = tracked(workload).setup({ ...context, params: params.data });
    for (const statement of setup) await session.query(statement);
  }
  if (load.readers || hasClientReads(load)) await session.query(heartbeatSetup(schemaOf(runId)));
}
