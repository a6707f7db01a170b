import { z } from 'zod';
import type { Json } from '../../contracts/json.ts';
import { isNodeName } from '../../scenario/words/targets.ts';
import { harms, impossible } from '../external/params.ts';

const dnsName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a name as Kubernetes has them: pg-0');

/** Those of any cluster, and what Kubernetes itself does to pods. */
export const podHarms = [...harms, 'pod'] as const;

const consent = z.enum(podHarms, {
  error: ({ input }) => {
    const why = Object.entries(impossible).find(([word]) => word === input)?.[1];
    return why ?? `must be of ${podHarms.join(', ')}`;
  },
});

const credentials = z.strictObject({
  secret: dnsName.describe('A Secret of the namespace.'),
  userKey: z.string().min(1).default('username'),
  passwordKey: z.string().min(1).default('password'),
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
  })
  .describe(
    'A privileged pod beside the database, through which faults act on its network and processes.',
  );

const keys = z.strictObject({
  kubeconfig: z.string().min(1).optional().describe('File; default: as kubectl finds it.'),
  context: z.string().min(1).optional().describe("Default: the kubeconfig's current one."),
  namespace: dnsName.default('default'),
  selector: z
    .string()
    .min(1)
    .describe('Labels that the pods of this one cluster have: app=pg,cluster-name=pg.'),
  container: dnsName.default('postgres').describe('In which PostgreSQL runs.'),
  nodes: z
    .array(dnsName.refine(isNodeName, 'is a word for targets, so no node can be called that'))
    .min(1)
    .max(9)
    .refine((names) => new Set(names).size === names.length, 'names a pod twice')
    .describe('The pods by their names, which are those of their Patroni members, too.'),
  port: z.int().min(1).max(65_535).default(5432),
  patroni: z
    .union([z.int().min(1).max(65_535), z.literal(false)])
    .default(8008)
    .describe("Port of Patroni's REST interface; false: there is no Patroni."),
  consent: z.array(consent).default([]).describe('Harms allowed here; default: none.'),
  credentials,
  helper: helper.optional(),
  disks: disks.optional().describe('Folders in the container, to be filled.'),
  dcs: z
    .union([
      z.literal('kubernetes'),
      z.array(z.string().regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port')),
    ])
    .default([])
    .describe("Members of the DCS, for cuts from it; kubernetes: the API server's Service."),
  minFree: z.int().min(0).default(5),
});
export type KubernetesParams = z.infer<typeof keys>;

/** A cluster file of `backend: kubernetes`. */
export const kubernetesParams = keys;

/** The same as data: what is absent is not there, as in JSON. */
export const clusterFileParams = kubernetesParams.transform((params) => params as Json);
