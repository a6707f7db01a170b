import type { ClusterBackend } from '../../contracts/cluster.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { isMapping } from '../parse/mapping.ts';
import type { Refusals } from './refusals.ts';

/**
 * Sessions beside the load's clients: one observer, one probe of the search for a writable server and one of seeding,
 * faults or read-back per server, Patroni's own, and what only superusers may take (superuser_reserved_connections).
 */
const reservedConnections = 25;
/** The server notices late that a client is gone (a cut, a wait for a standby), and the client is back before. */
const sessionsPerClient = 2;

const name = 'max_connections';

/** Refuses a max_connections of the scenario's own that its clients cannot live with. */
export function checkConnections({ cluster, load }: Scenario, refusals: Refusals): void {
  const own = ownLimit(cluster);
  if (own === undefined || !(Number(own.value) > 0)) return;
  const least = load.clients + reservedConnections;
  if (Number(own.value) >= least) return;
  refusals.add(
    own.key,
    `${Number(own.value)} is too low for load.clients: ${load.clients} clients and ${reservedConnections} connections for ` +
      `observers, Patroni and superusers need ${least} or more; leave it out and it follows from the clients`,
  );
}

/** The cluster with a max_connections that follows from the load's clients, where the backend's own is too low. */
export function withConnections(
  { cluster, load }: Scenario,
  offered: Pick<ClusterBackend, 'parameters'> | undefined,
): Scenario['cluster'] {
  const usual = Number(offered?.parameters?.(cluster.topology)[name]);
  const wanted = load.clients * sessionsPerClient + reservedConnections;
  if (!(wanted > usual) || ownLimit(cluster) !== undefined) return cluster;
  return { ...cluster, parameters: { ...cluster.parameters, [name]: String(wanted) } };
}

/** `parameters` goes before what Patroni's configuration says. */
function ownLimit({ parameters, patroni }: Scenario['cluster']) {
  const postgresql = isMapping(patroni.postgresql) ? patroni.postgresql : {};
  const ofPatroni = isMapping(postgresql.parameters) ? postgresql.parameters : {};
  const places = [
    { key: `cluster.parameters.${name}`, value: parameters[name] },
    { key: `cluster.patroni.postgresql.parameters.${name}`, value: ofPatroni[name] },
  ];
  return places.find(({ value }) => value !== undefined);
}
