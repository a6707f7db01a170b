import { connect } from '../../pg/connect.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import type { NodeAccess } from './access.ts';
import type { ExternalParams } from './params.ts';
import { readFacts } from './machine-facts.ts';
import { shellOf } from './shell-of.ts';

const timeoutMs = 5_000;

/** Where the load comes from, as the servers see it: this host may have many addresses, or be behind a router. */
export async function clientAddresses(
  accesses: readonly NodeAccess[],
  { sites }: Pick<ExternalParams, 'sites'>,
): Promise<readonly string[]> {
  const site = sites?.clients;
  if (site) return [...site.addresses, ...(await readFacts(shellOf(site.shell))).addresses];
  const seen = await Promise.all(accesses.map((access) => seenBy(access)));
  return [...new Set(seen.flat())];
}

async function seenBy({ name, endpoint, credentials }: NodeAccess): Promise<readonly string[]> {
  try {
    await using session = await connect(endpoint, credentials, {
      connectTimeoutMs: timeoutMs,
      queryTimeoutMs: timeoutMs,
      applicationName: 'forkpoint preflight',
      settings: 'reader',
    });
    const rows = await session.rows<{ address: string | null }>(
      'SELECT host(inet_client_addr()) AS address',
    );
    return rows.flatMap(({ address }) => address ?? []);
  } catch (error) {
    throw new ClusterError(`${name}: from which address it sees this host: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
