import type { BootOptions } from '../contracts/backend.ts';
import type { Cluster } from '../contracts/cluster.ts';

/**
 * Connects to the servers of a connection string as libpq would: the environment and the password file fill in what it
 * leaves out. Only load and reading: no fault has a control there. Disposing the cluster leaves it up.
 * Errors: ScenarioError for the string, EnvironmentError for servers that no run can begin on.
 */
export async function connectByString(
  text: string,
  options: Pick<BootOptions, 'id' | 'signal' | 'log'>,
): Promise<Cluster> {
  // What connects is loaded with the first run: planning needs none of it.
  const [{ connectTo }, { clusterOfConnection }, { resolveConnection }] = await Promise.all([
    import('../backends/external/connect.ts'),
    import('../backends/external/of-connection.ts'),
    import('../pg/libpq/resolve.ts'),
  ]);
  return connectTo(clusterOfConnection(await resolveConnection(text)), options);
}
