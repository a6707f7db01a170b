import type { Connection, SessionTarget } from '../../pg/libpq/resolve.ts';
import { ScenarioError } from '../../std/errors.ts';
import type { NodeAccess } from './access.ts';
import { type ExternalParams, externalParams } from './params.ts';

const forWriters: readonly SessionTarget[] = ['any', 'read-write', 'primary'];
const isName = /^[A-Za-z0-9][\w.-]*$/;

/**
 * A cluster of the hosts of one connection string: load alone, so no harm is allowed. The password is in the ways in, and
 * not in what a plan keeps.
 * Errors: ScenarioError for a string that asks for standbys.
 */
export function clusterOfConnection({ hosts, targetSession }: Connection): {
  readonly params: ExternalParams;
  readonly accesses: readonly NodeAccess[];
} {
  if (!forWriters.includes(targetSession)) {
    throw new ScenarioError(
      `target_session_attrs=${targetSession} asks for a standby, and a load writes; use primary, or leave it out`,
    );
  }
  const hostNames = hosts.map(({ endpoint }) => endpoint.host);
  const areNames =
    hostNames.every((host) => isName.test(host)) && new Set(hostNames).size === hosts.length;
  const accesses = hosts.map(({ endpoint, credentials }, index) => {
    const { host, port } = endpoint;
    const name = areNames ? host : `node${index + 1}`;
    return { name, endpoint, credentials, params: { host, port, addresses: [] } };
  });
  const [first] = hosts;
  const params = externalParams.parse({
    credentials: { user: first?.credentials.user, database: first?.credentials.database },
    tls: { mode: first?.endpoint.tls?.mode ?? 'disable' },
    nodes: Object.fromEntries(accesses.map(({ name, params: node }) => [name, node])),
  });
  return { params, accesses };
}
