import type { RouteEntry } from '../../contracts/cluster.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import { connect } from '../../pg/connect.ts';
import { SqlError } from '../../pg/session.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { loginTo, type NodeAccess } from './access.ts';
import type { ExternalParams } from './params.ts';

const timeoutMs = 10_000;
/** PgBouncer's answer to settings at the start of a session: a protocol violation. */
const refusedAtStart = '08P01';

/**
 * Where the load's routes lead, each tried with a login from here; the machines of `sites` may have other ways.
 * Errors: EnvironmentError with the address, what came back and what to do.
 */
export async function routeEntries(
  routes: readonly RouteSpec[],
  {
    params,
    accesses,
    signal,
  }: {
    readonly params: ExternalParams;
    readonly accesses: readonly NodeAccess[];
    readonly signal: AbortSignal;
  },
): Promise<readonly RouteEntry[]> {
  const led = routes.filter(
    ({ via, node }) => via !== 'direct' && via !== 'multi-host' && node === undefined,
  );
  return Promise.all(
    led.map(async (route): Promise<RouteEntry> => {
      const named = route.address ?? params.routes?.[route.name];
      if (!named) throw new EnvironmentError(`route ${route.name}: leads nowhere`);
      const password = accesses[0]?.credentials.password;
      const { endpoint, credentials } = await loginTo(named, params, password);
      const entry = { route: route.name, endpoint, notes: [] };
      if (!params.sites?.clients) await requireLogin(route, { endpoint, credentials, signal });
      return {
        ...entry,
        what: `${route.via} at ${named.host}:${named.port}, not started by Forkpoint`,
      };
    }),
  );
}

async function requireLogin(
  { name, via, pooling }: RouteSpec,
  {
    endpoint,
    credentials,
    signal,
  }: Pick<NodeAccess, 'endpoint' | 'credentials'> & {
    readonly signal: AbortSignal;
  },
): Promise<void> {
  try {
    await using session = await connect(endpoint, credentials, {
      connectTimeoutMs: timeoutMs,
      queryTimeoutMs: timeoutMs,
      settings: pooling ? 'pooled' : 'ours',
      signal,
    });
    await session.rows('SELECT 1');
  } catch (error) {
    signal.throwIfAborted();
    const isPooler =
      error instanceof SqlError && error.sqlState === refusedAtStart && via !== 'pgbouncer';
    const remedy = isPooler
      ? 'That is a PgBouncer: say via: pgbouncer, and its pooling'
      : 'Correct its host and port in the cluster file, or what stands there';
    throw new EnvironmentError(`route ${name}: ${messageOf(error)}. ${remedy}.`, { cause: error });
  }
}
