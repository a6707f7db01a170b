import type { ClusterBackend } from '../../contracts/backend.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { isMapping } from '../parse/mapping.ts';
import { readSessions } from '../words/read-sessions.ts';
import type { Refusals } from './refusals.ts';

/**
 * Sessions besides the load's clients: the observer's; per server a probe for a writable server and one for seeding,
 * faults or read-back; Patroni's own; and those reserved for superusers (superuser_reserved_connections).
 */
const reservedConnections = 25;
/** A server notices late that a client is gone (partition, wait for a standby); the client has reconnected by then. */
const sessionsPerClient = 2;

const name = 'max_connections';
const usualOfPostgres = 100;

/** Refuses a max_connections in the scenario that is too low for its clients. */
export function checkConnections({ cluster, load }: Scenario, refusals: Refusals): void {
  const own = ownLimit(cluster);
  if (own === undefined || !(Number(own.value) > 0)) return;
  const readers = readSessions(load);
  const least = load.clients + readers + reservedConnections;
  if (Number(own.value) >= least) return;
  refusals.add(
    own.key,
    `${Number(own.value)} is too low for load.clients: ${load.clients} clients${readers > 0 ? `, ${readers} readers` : ''} and ${reservedConnections} connections for ` +
      `observers, Patroni and superusers need ${least} or more; without it, Forkpoint sets it from the number of clients`,
  );
}

/** Sets a max_connections that fits the load's clients, when the backend's own is too low. */
export function withConnections(
  { cluster, load }: Scenario,
  offered: Pick<ClusterBackend, 'parameters'> | undefined,
): Scenario['cluster'] {
  // With the user's own configuration the lab adds none of its settings.
  const usual = cluster.config
    ? usualOfPostgres
    : Number(offered?.parameters?.(cluster.topology)[name]);
  const sessions = load.clients + readSessions(load);
  const wanted = sessions * sessionsPerClient + reservedConnections;
  if (!(wanted > usual) || ownLimit(cluster) !== undefined) return cluster;
  return { ...cluster, parameters: { ...cluster.parameters, [name]: String(wanted) } };
}

/** `parameters` overrides Patroni's configuration. */
function ownLimit({ parameters, patroni }: Scenario['cluster']) {
  const postgresql = isMapping(patroni.postgresql) ? patroni.postgresql : {};
  const ofPatroni = isMapping(postgresql.parameters) ? postgresql.parameters : {};
  const places = [
    { key: `cluster.parameters.${name}`, value: parameters[name] },
    { key: `cluster.patroni.postgresql.parameters.${name}`, value: ofPatroni[name] },
  ];
  return places.find(({ value }) => value !== undefined);
}
