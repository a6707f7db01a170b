import type { Cluster } from './contracts/cluster.ts';
import type { Plan } from './contracts/scenario.ts';
import type { Workload } from './contracts/workload.ts';
import { ClusterError, messageOf, ScenarioError } from './errors.ts';
import { connect } from './pg/connect.ts';
import { waitUntil } from './wait.ts';
import { workloadContext } from './workload-context.ts';

const statementTimeoutMs = 60_000;

/** Makes the workload's tables on the primary. Errors: ClusterError with the statement that failed. */
export async function seedCluster(
  cluster: Cluster,
  plan: Plan,
  runId: string,
  registry: { readonly workloads: ReadonlyMap<string, Workload> },
  signal: AbortSignal,
): Promise<void> {
  const workload = registry.workloads.get(plan.scenario.load.workload);
  if (!workload) throw new ScenarioError(`no workload is called ${plan.scenario.load.workload}`);
  const primary = await waitUntil('a node is primary', () => primaryOf(cluster, signal), {
    ...{ timeoutMs: 30_000, signal },
  });
  await using session = await connect(primary.observer, cluster.credentials, {
    ...{ connectTimeoutMs: 5_000, queryTimeoutMs: statementTimeoutMs, signal },
    applicationName: 'forkpoint seed',
  });
  const statements = [
    ...workload.setup(workloadContext(plan, runId, plan.scenario.load.params)),
    ...(plan.scenario.verify.amcheck
      ? [{ text: 'CREATE EXTENSION IF NOT EXISTS amcheck', values: [] }]
      : []),
  ];
  for (const statement of statements) {
    try {
      await session.query(statement);
    } catch (error) {
      throw new ClusterError(
        `seeding ${primary.name} failed at \`${statement.text}\`: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }
}

async function primaryOf(cluster: Cluster, signal: AbortSignal) {
  const { members } = await cluster.topology(signal);
  const primaries = members.filter(({ role }) => role === 'primary');
  return primaries.length === 1
    ? cluster.nodes.find(({ name }) => name === primaries[0]?.node)
    : undefined;
}
