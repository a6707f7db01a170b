import type { Cluster } from '../contracts/cluster.ts';
import type { LoadSpec, Plan } from '../contracts/scenario.ts';
import type { Workload } from '../contracts/workload.ts';
import { ClusterError, messageOf, ScenarioError } from '../std/errors.ts';
import { connect } from '../pg/connect.ts';
import type { Session } from '../pg/session.ts';
import { readConnections } from '../pg/free-connections.ts';
import { primaryNode } from './primary-node.ts';
import { waitUntil } from '../std/wait.ts';
import { asAuthorsError, rehearse } from './rehearse.ts';
import { heartbeatSetup } from '../load/heartbeat-table.ts';
import { tracked } from '../load/tracked.ts';
import { readSessions } from '../scenario/words/read-sessions.ts';
import { placedWorkloads } from '../load/placed-workloads.ts';
import { schemaOf } from '../load/workload-context.ts';
import { hasClientReads } from '../std/units/client-reads.ts';

const statementTimeoutMs = 60_000;

/** Creates the workload's tables on the primary. Errors: ClusterError with the statement that failed. */
export async function seedCluster(
  cluster: Cluster,
  plan: Plan,
  runId: string,
  registry: { readonly workloads: ReadonlyMap<string, Workload> },
  signal: AbortSignal,
): Promise<void> {
  const placed = placedWorkloads(plan, runId, registry);
  const primary = await waitUntil('a node is primary', () => primaryNode(cluster, signal), {
    timeoutMs: 30_000,
    signal,
  });
  await using session = await connect(primary.observer, cluster.credentials, {
    connectTimeoutMs: 5_000,
    queryTimeoutMs: statementTimeoutMs,
    signal,
    applicationName: 'forkpoint seed',
    settings: 'reader',
  });
  await requireConnections(session, primary.name, {
    load: plan.scenario.load,
    mustStayFree: minFreeOf(cluster, plan.scenario.load) ?? 0,
  });
  const { load } = plan.scenario;
  const statements = [
    ...placed.flatMap(({ workload, context }) => tracked(workload).setup(context)),
    ...(load.readers || hasClientReads(load) ? [heartbeatSetup(schemaOf(runId))] : []),
    ...(plan.scenario.verify.amcheck
      ? [{ text: 'CREATE EXTENSION IF NOT EXISTS amcheck', values: [] }]
      : []),
  ];
  for (const statement of statements) {
    try {
      await session.query(statement);
    } catch (cause) {
      const error = asAuthorsError(cause, statement);
      if (error instanceof ScenarioError) throw error;
      throw new ClusterError(
        `seeding ${primary.name} failed at \`${statement.text}\`: ${messageOf(error)}`,
        { cause },
      );
    }
  }
  for (const { workload, context } of placed) await rehearse(session, workload, context);
}

/** Connections that must stay free on the primary: as the scenario says, or the cluster file; undefined: neither does. */
export function minFreeOf(
  { foreign }: Pick<Cluster, 'foreign'>,
  load: LoadSpec,
): number | undefined {
  return load.minFree ?? foreign?.minFreeConnections;
}

/**
 * A cluster that the run did not make has its own limit. Slots reserved for superusers and pg_use_reserved_connections are
 * not the load's.
 * Errors: ScenarioError with the figures.
 */
async function requireConnections(
  session: Session,
  node: string,
  { load, mustStayFree }: { readonly load: LoadSpec; readonly mustStayFree: number },
): Promise<void> {
  const found = await readConnections(session);
  if (!found) return;
  const reserved = mustStayFree > 0 ? found.reserved : 0;
  const readers = readSessions(load);
  if (found.taken + load.clients + readers + reserved + mustStayFree <= found.most) return;
  const kept =
    mustStayFree > 0
      ? `, ${reserved} are reserved, and ${mustStayFree} must stay free (minFree)`
      : '';
  throw new ScenarioError(
    `load.clients: ${load.clients} clients${readers > 0 ? ` and ${readers} readers` : ''} do not fit ${node}: its max_connections is ${found.most}, and ${found.taken} ` +
      `are taken${kept}. Use fewer clients, or a cluster with a higher max_connections.`,
  );
}
