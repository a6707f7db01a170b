import { z } from 'zod';
import type { Json } from '../../contracts/json.ts';
import { isNodeName } from '../../scenario/words/targets.ts';
import { commonHarms, impossible } from '../external/params.ts';
import { routeAddresses } from '../external/route-addresses.ts';
import { jobParams } from './job/params.ts';
import { type Preset, presetNames, presets } from './presets.ts';

const dnsName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a name as Kubernetes has them: pg-0');

/** Those of any cluster, and what Kubernetes itself does to pods. */
export const podHarms = [
  ...commonHarms,
  'pod',
  'volume',
  'scale',
  'host',
  'neighbours',
  'chaos',
] as const;

const consent = z.enum(podHarms, {
  error: ({ input }) => {
    const why = Object.entries(impossible).find(([word]) => word === input)?.[1];
    return why ?? `must be of ${podHarms.join(', ')}`;
  },
});

const credentials = z.strictObject({
  secret: dnsName.optional().describe("A Secret of the namespace; default: the preset's."),
  userKey: z.string().min(1).optional().describe("Default: the preset's, or username."),
  passwordKey: z.string().min(1).optional().describe("Default: the preset's, or password."),
  user: z.string().min(1).optional().describe("Default: the Secret's."),
  database: z.string().min(1).optional().describe('Default: the user.'),
});

const disks = z.strictObject({ data: z.string().startsWith('/'), wal: z.string().startsWith('/') });

const helper = z
  .strictObject({
    image: z
      .string()
      .min(1)
      .describe('With bash, iptables, tc and nsenter: forkpoint-cluster:pg17 has them.'),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
    undoAs: dnsName
      .optional()
      .describe(
        'ServiceAccount of the pod that takes changes of the API back when Forkpoint dies: for scale, host and chaos.',
      ),
  })
  .describe(
    'A privileged pod beside the database, through which faults act on its network and processes.',
  );

const tls = z
  .strictObject({
    mode: z
      .enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])
      .default('verify-full'),
    secret: dnsName
      .optional()
      .describe("A Secret of the namespace with the certificate of the servers' authority."),
    caKey: z.string().min(1).optional().describe("Default: the preset's, or ca.crt."),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe(
        "A name in the servers' certificates, for verify-full: pods are reached by address.",
      ),
  })
  .describe('How connections to PostgreSQL are encrypted, as libpq; default: mode prefer.');

const routes = routeAddresses.describe(
  'What applications connect to, by the names of routes: a Service, a pooler.',
);

const keys = z.strictObject({
  kubeconfig: z.string().min(1).optional().describe('File; default: as kubectl finds it.'),
  context: z.string().min(1).optional().describe("Default: the kubeconfig's current one."),
  namespace: dnsName.default('default'),
  preset: z
    .enum(presetNames)
    .optional()
    .describe('The operator, whose names for parts of a cluster become defaults.'),
  cluster: dnsName.optional().describe("The cluster's name, for the preset."),
  selector: z
    .string()
    .min(1)
    .optional()
    .describe('Labels that the pods of this one cluster have: app=pg,cluster-name=pg.'),
  container: dnsName
    .optional()
    .describe("In which PostgreSQL runs; default: the preset's, or postgres."),
  nodes: z
    .array(dnsName.refine(isNodeName, 'is a word for targets, so no node can be called that'))
    .min(1)
    .max(9)
    .refine((names) => new Set(names).size === names.length, 'names a pod twice')
    .describe('The pods by their names, which are those of their Patroni members, too.'),
  port: z.int().min(1).max(65_535).default(5432),
  patroni: z
    .union([z.int().min(1).max(65_535), z.literal(false)])
    .optional()
    .describe(
      "Port of Patroni's REST interface; false: there is none. Default: the preset's, or 8008.",
    ),
  consent: z.array(consent).default([]).describe('Harms allowed here; default: none.'),
  credentials: credentials.default({}),
  tls: tls.optional(),
  routes,
  helper: helper.optional(),
  disks: disks.optional().describe('Folders in the container, to be filled.'),
  dcs: z
    .union([
      z.literal('kubernetes'),
      z.array(z.string().regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port')),
    ])
    .default([])
    .describe("Members of the DCS, for cuts from it; kubernetes: the API server's Service."),
  lock: z
    .union([
      z.strictObject({ configMaps: dnsName }),
      z.strictObject({ endpoints: dnsName }),
      z.strictObject({ lease: dnsName }),
      z.strictObject({ etcd: z.string().min(1) }),
    ])
    .optional()
    .describe(
      "Where the leader lock is, by Patroni's scope or the Lease's name; default: the preset's, or as Patroni's members say.",
    ),
  sites: z
    .strictObject({ clients: z.strictObject({ job: jobParams }) })
    .optional()
    .describe('Where load runs: in the pods of a Job. Default: this host.'),
  minFree: z.int().min(0).default(5),
});
type Keys = z.infer<typeof keys>;

/** With every default of the preset. */
export type KubernetesParams = Omit<Keys, 'selector' | 'container' | 'patroni' | 'credentials'> &
  Pick<Preset, 'container' | 'patroni'> & {
    readonly selector: string;
    readonly credentials: Keys['credentials'] & {
      readonly secret: string;
      readonly userKey: string;
      readonly passwordKey: string;
    };
  };

/** A cluster file of `backend: kubernetes`. Parsing what it gives changes nothing more. */
export const kubernetesParams = keys
  .superRefine(
    ({ preset, cluster, selector, tls, lock, dcs, credentials: { secret } }, context) => {
      if (lock && 'etcd' in lock && (dcs === 'kubernetes' || dcs.length === 0)) {
        const members = 'needs the members of etcd: dcs: [etcd-0.etcd:2379]';
        context.addIssue({ code: 'custom', path: ['lock', 'etcd'], message: members });
      }
      const message = (what: string) => `is needed where there is no preset: ${what}`;
      if (preset !== undefined && cluster === undefined) {
        const needed = "is needed with a preset: the cluster's name";
        context.addIssue({ code: 'custom', path: ['cluster'], message: needed });
      }
      const known: Preset['authority'] = (preset && (presets[preset] as Preset))?.authority;
      const { mode = 'prefer', secret: authority } = tls ?? {};
      if (mode.startsWith('verify') && authority === undefined && !known) {
        const missing = `is needed for mode ${mode}: the Secret with the authority's certificate, as CLUSTER-ca of CloudNativePG`;
        context.addIssue({ code: 'custom', path: ['tls', 'secret'], message: missing });
      }
      if (mode === 'verify-full' && tls?.serverName === undefined && !known) {
        const name =
          "is needed for verify-full: a name in the servers' certificates, or say verify-ca";
        context.addIssue({ code: 'custom', path: ['tls', 'serverName'], message: name });
      }
      if (preset !== undefined) return;
      if (selector === undefined) {
        const labels = message("labels that the cluster's pods have, app=pg");
        context.addIssue({ code: 'custom', path: ['selector'], message: labels });
      }
      if (secret === undefined) {
        const name = message('the name of the Secret with the login');
        context.addIssue({ code: 'custom', path: ['credentials', 'secret'], message: name });
      }
    },
  )
  .transform((given): KubernetesParams => {
    const { preset, cluster = '' } = given;
    const known: Preset | undefined = preset && presets[preset];
    const { credentials: login, tls } = given;
    const authority = known?.authority?.(cluster);
    const lock = given.lock ?? known?.lock?.(cluster);
    return {
      ...given,
      ...(lock && { lock }),
      selector: given.selector ?? known?.selector(cluster) ?? '',
      container: given.container ?? known?.container ?? 'postgres',
      patroni: given.patroni ?? known?.patroni ?? 8008,
      // Where the preset's are right, they need not be written.
      ...(tls && { tls: { ...authority, ...withoutAbsent(tls) } }),
      credentials: {
        ...login,
        secret: login.secret ?? known?.secret(cluster) ?? '',
        userKey: login.userKey ?? known?.userKey ?? 'username',
        passwordKey: login.passwordKey ?? known?.passwordKey ?? 'password',
      },
    };
  });

function withoutAbsent<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}

/** The same as data: what is absent is not there, as in JSON. */
export const clusterFileParams = kubernetesParams.transform((params) => params as Json);
