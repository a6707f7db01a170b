import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientSite, Endpoint } from '../../src/contracts/cluster.ts';
import type { LoadSpec, Plan } from '../../src/contracts/scenario.ts';
import { commandShell } from '../../src/shells/support/command-shell.ts';
import { startLoad, type Load, type LoadOptions } from '../../src/load/supervisor.ts';
import { connect } from '../../src/pg/connect.ts';
import { schemaOf, workloadContext } from '../../src/load/workload-context.ts';
import { heartbeatSetup } from '../../src/load/heartbeat-table.ts';
import type { RowsWorkload, Statement } from '../../src/contracts/workload.ts';
import ledger from '../../src/workloads/ledger.ts';
import records from '../../src/workloads/records.ts';
import type { PostgresServer } from './postgres.ts';

export interface TestLoad extends AsyncDisposable {
  readonly load: Load;
  readonly journalDirectory: string;
  readonly runId: string;
  /** `schema.ledger`, quoted. */
  readonly table: string;
}

export interface TestLoadOptions extends Partial<LoadSpec> {
  readonly client?: Partial<ClientSite>;
  readonly prefix?: readonly string[];
  /** Nodes other than the server itself. */
  readonly members?: readonly { readonly name: string; readonly endpoint: Endpoint }[];
  /** Servers on which the tables are created too. */
  readonly alsoSeed?: readonly PostgresServer[];
  readonly options?: Partial<Omit<LoadOptions, 'registry'>>;
}

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
  server: PostgresServer,
  { prefix = [], client, members, alsoSeed = [], options, ...spec }: TestLoadOptions = {},
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
      ],
      credentials: server.credentials,
    },
    plan,
    registry: {
      workloadUrls: new Map([
        ['ledger', new URL('../../src/workloads/ledger.ts', import.meta.url).href],
        ['records', new URL('../../src/workloads/records.ts', import.meta.url).href],
      ]),
    },
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

async function seed(server: PostgresServer, plan: Plan, runId: string): Promise<void> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  await session.rows('set default_transaction_read_only = off');
  const { load } = plan.scenario;
  const isRecords = load.workload === 'records';
  const setup = isRecords ? setupOf(records, plan, runId) : setupOf(ledger, plan, runId);
  for (const statement of setup) await session.query(statement);
  if (load.readers || load.clientReads) await session.query(heartbeatSetup(schemaOf(runId)));
}

function setupOf<P>(workload: RowsWorkload<P>, plan: Plan, runId: string): readonly Statement[] {
  const params = workload.params.safeParse(plan.scenario.load.params);
  if (!params.success) throw new Error('the test has wrong workload parameters');
  return workload.setup(workloadContext(plan, runId, params.data));
}
