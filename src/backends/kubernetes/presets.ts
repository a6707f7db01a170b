/** How an operator calls the parts of a cluster. A key of the cluster file overrides each. */
export interface Preset {
  /** Its pods with a server, and no others of the cluster: poolers and backup hosts have the cluster's label, too. */
  readonly selector: (cluster: string) => string;
  readonly container: string;
  /** Of a user who may do what a run needs, if the operator makes one. */
  readonly secret: (cluster: string) => string;
  readonly userKey: string;
  readonly passwordKey: string;
  /** Port of Patroni's REST interface, if it answers to plain http there; false: there is none that does. */
  readonly patroni: number | false;
  /** Where the leader lock is, if only the API server says so. */
  readonly lock?: (cluster: string) => { readonly endpoints: string } | { readonly lease: string };
  /** Of the servers' certificates, where the operator makes them: its Secret, and a name that they hold. */
  readonly authority?: (cluster: string) => {
    readonly secret: string;
    readonly caKey: string;
    readonly serverName: string;
  };
}

const crunchyLabel = 'postgres-operator.crunchydata.com';

/** Percona's operator is made of Crunchy's, and has its labels. Both speak https to Patroni, with certificates of their own. */
const crunchy: Preset = {
  selector: (cluster) => `${crunchyLabel}/cluster=${cluster},${crunchyLabel}/data=postgres`,
  container: 'database',
  secret: (cluster) => `${cluster}-pguser-${cluster}`,
  userKey: 'user',
  passwordKey: 'password',
  patroni: false,
  lock: (cluster) => ({ endpoints: `${cluster}-ha` }),
};

const named = { userKey: 'username', passwordKey: 'password' } as const;

export const presets = {
  // A StatefulSet as Patroni's documentation has it: kubernetes/patroni_k8s.yaml.
  patroni: {
    ...named,
    selector: (cluster) => `application=patroni,cluster-name=${cluster}`,
    container: 'postgres',
    secret: (cluster) => cluster,
    patroni: 8008,
  },
  'cloudnative-pg': {
    ...named,
    selector: (cluster) => `cnpg.io/cluster=${cluster},cnpg.io/podRole=instance`,
    container: 'postgres',
    secret: (cluster) => `${cluster}-superuser`,
    patroni: false,
    lock: (cluster) => ({ lease: cluster }),
    authority: (cluster) => ({
      secret: `${cluster}-ca`,
      caKey: 'ca.crt',
      serverName: `${cluster}-rw`,
    }),
  },
  zalando: {
    ...named,
    selector: (cluster) => `application=spilo,cluster-name=${cluster}`,
    container: 'postgres',
    secret: (cluster) => `postgres.${cluster}.credentials.postgresql.acid.zalan.do`,
    patroni: 8008,
  },
  crunchy,
  percona: crunchy,
} as const satisfies Readonly<Record<string, Preset>>;

export const presetNames = Object.keys(presets) as readonly (keyof typeof presets)[];
