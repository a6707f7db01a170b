import type { Cluster, ClientSite, Node } from '../../contracts/cluster.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { schemaOf } from '../../load/workload-context.ts';
import { connect } from '../../pg/connect.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import type { Session } from '../../pg/session.ts';
import { isFed } from '../../scenario/plan/needed-capabilities.ts';
import { EnvironmentError, messageOf, ScenarioError } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 30_000;
/** The server ends the sender of a killed consumer when it next writes to it. */
const inactiveTimeoutMs = 15_000;

/** In a cluster that is not ours the name of slot and publication, by which they are found again. */
export function foreignName(runId: string, consumer: string): string {
  return `${schemaOf(runId)}_${consumer}`;
}

/**
 * What a consumer of ours needs of servers that are not ours, and what only the server tells.
 * Errors: EnvironmentError with all that is missing; ScenarioError for a site on another machine.
 */
export async function requireForeign(
  session: Session,
  site: Pick<ClientSite, 'name' | 'isRemote'> | undefined,
): Promise<void> {
  if (site?.isRemote) {
    const what = `its file is read on this host, and site ${site.name} is another machine`;
    throw new ScenarioError(`downstream: a consumer cdc runs where the load does: ${what}`);
  }
  const [found] = await session.rows<{ level: string; replicates: boolean; reads: boolean }>(
    `SELECT current_setting('wal_level') AS level, rolsuper OR rolreplication AS replicates,
       has_function_privilege('pg_read_file(text)', 'EXECUTE') AS reads
     FROM pg_roles WHERE rolname = current_user`,
  );
  const missing = [
    ...(found?.level === 'logical' ? [] : [`wal_level is ${found?.level}, not logical`]),
    ...(found?.replicates ? [] : ['the login has no REPLICATION (ALTER ROLE ... REPLICATION)']),
    ...(found?.reads
      ? []
      : [
          'the login may not read timeline histories, which tell after a failover what a slot lacks (GRANT EXECUTE ON FUNCTION pg_read_file(text))',
        ]),
  ];
  if (missing.length === 0) return;
  throw new EnvironmentError(
    `this cluster cannot feed a consumer: on the primary ${missing.join('; ')}`,
  );
}

/** Drops the run's slots on every node, and its publications. Returns a sentence for each that may still be there. Never rejects. */
export async function dropDownstream(
  cluster: Pick<Cluster, 'nodes' | 'credentials'>,
  runId: string,
  { downstream = [] }: Pick<Scenario, 'downstream'>,
): Promise<readonly string[]> {
  const names = downstream.filter(isFed).map(({ name }) => foreignName(runId, name));
  if (names.length === 0) return [];
  const left = cluster.nodes.map(async (node) => {
    try {
      await dropOn(node, cluster, names);
      return [];
    } catch (error) {
      const statement = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name IN ('${names.join("', '")}')`;
      return [
        `${node.name}: slots of the run's consumers may still be there, and keep WAL (${messageOf(error)}); there, run: ${statement}`,
      ];
    }
  });
  return (await Promise.all(left)).flat();
}

async function dropOn(
  node: Pick<Node, 'observer'>,
  { credentials }: Pick<Cluster, 'credentials'>,
  names: readonly string[],
): Promise<void> {
  await using session = await connect(node.observer, credentials, {
    connectTimeoutMs,
    queryTimeoutMs,
    applicationName: 'forkpoint cleanup',
    settings: 'reader',
  });
  const [role] = await session.rows<{ recovering: boolean }>(
    'SELECT pg_is_in_recovery() AS recovering',
  );
  // First, for a slot that is read still takes time, and may stay.
  for (const name of role?.recovering === false ? names : []) {
    const text = `DROP PUBLICATION IF EXISTS ${quoteIdentifier(name)}`;
    await session.query({ text, values: [] });
  }
  const drop = async () => {
    await session.rows(
      'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ANY($1) AND NOT active',
      [names],
    );
    const rows = await session.rows('SELECT FROM pg_replication_slots WHERE slot_name = ANY($1)', [
      names,
    ]);
    return rows.length === 0;
  };
  const what = 'no consumer reads the slots of the run';
  await waitUntil(what, drop, { timeoutMs: inactiveTimeoutMs, everyMs: 500 });
}
