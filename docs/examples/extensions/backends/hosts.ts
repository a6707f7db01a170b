import { type ClusterBackend, type ClusterSpec, connectByString, z } from 'forkpoint/extension';

const params = z.strictObject({
  hosts: z.array(z.string().min(1)).min(1).max(9).describe('every server of the cluster'),
  user: z.string().min(1),
  database: z.string().min(1),
});

function paramsOf({ own }: Pick<ClusterSpec, 'own'>): z.infer<typeof params> | undefined {
  return params.safeParse(own?.params).data;
}

/** PostgreSQL servers by their host names; the password comes from PGPASSWORD or the password file. */
const hosts: ClusterBackend = {
  summary: 'Servers that exist, by their host names.',
  nodeNames: (cluster) => paramsOf(cluster)?.hosts ?? [],
  offers: [],
  topologies: ['patroni', 'single'],
  sites: ['clients'],
  existing: {
    params,
    example: { hosts: ['db1', 'db2'], user: 'app', database: 'app' },
    describe: (given) => {
      const { hosts: named } = params.parse(given);
      return {
        params: given,
        nodes: named.length,
        topology: named.length > 1 ? 'patroni' : 'single',
      };
    },
  },
  preflight: () => Promise.resolve([]),
  boot: async (options) => {
    const { hosts: named = [], user, database } = paramsOf(options.spec) ?? {};
    const cluster = await connectByString(
      `host=${named.join(',')} user=${user ?? ''} dbname=${database ?? ''}`,
      options,
    );
    return { ...cluster, backend: 'hosts' };
  },
};
export default hosts;
