import { z } from 'zod';
import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Json } from '../../contracts/json.ts';
import { isNodeName } from '../../scenario/words/targets.ts';
import { routeAddresses } from './route-addresses.ts';

/** A secret is never in the file: it is named. */
const secret = z
  .union(
    [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
    {
      error: 'write { env: NAME } or { file: PATH }: the cluster file is kept with every run',
    },
  )
  .describe('Where the secret is: an environment variable, or a file of its own.');
export type Secret = z.infer<typeof secret>;

const argv = z
  .array(z.string().min(1))
  .min(1)
  .describe('What leads to the machine as root: [ssh, root@db1], [docker, exec, -i, db1].');

/** Harms that pods allow, too. */
export const commonHarms = [
  'network',
  'shaping',
  'disk',
  'process',
  'shell',
  'sql',
  'patroni',
] as const;
/** Harms that a file allows; nothing is allowed that is not named. */
export const harms = [...commonHarms, 'rewind'] as const;
export type Harm = (typeof harms)[number];

/** Harms that act on a machine, through its shell. */
export const machineHarms: readonly CapabilityName[] = [
  'network',
  'shaping',
  'disk',
  'process',
  'shell',
  'rewind',
];

/** What no consent can give, and why. */
export const impossible = {
  clock: 'the clock is that of a machine which is not ours, and it is never changed',
  power: 'the disks of a machine which is not ours are never cut off',
  io: 'no layer is put over the disks of a machine which is not ours',
  files: 'no fault copies data on a machine which is not ours',
  dcs: 'members of a DCS which is not ours are never stopped; network cuts nodes off from it',
} as const satisfies Partial<Record<CapabilityName, string>>;

const consent = z.enum(harms, {
  error: ({ input }) => {
    const why = Object.entries(impossible).find(([word]) => word === input)?.[1];
    return why ?? `must be of ${harms.join(', ')}`;
  },
});

const tls = z
  .strictObject({
    mode: z
      .enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])
      .default('verify-full'),
    rootCert: z.string().optional().describe('A file, or system.'),
    cert: z.string().optional(),
    key: z.string().optional(),
  })
  .describe('As libpq: see docs/connections.md.');

const restTls = z.strictObject({ rootCert: z.string().optional() });

const diskFolder = z
  .string()
  .regex(/^(\/[\w.-]+)+$/, 'must be a folder such as /var/lib/postgresql, not / itself');

const node = z.strictObject({
  host: z.string().min(1).describe('Where PostgreSQL listens, as clients reach it.'),
  port: z.int().min(1).max(65_535).default(5432),
  patroni: z
    .url({ protocol: /^https?$/, error: 'must be an address: https://db1:8008' })
    .optional()
    .describe("The REST interface of this node's Patroni."),
  shell: argv.optional(),
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .default([])
    .describe('More addresses that packets of this node carry, behind a translating router.'),
  disks: z
    .strictObject({ data: diskFolder, wal: diskFolder })
    .optional()
    .describe('Folders on the file systems of the data directory and of pg_wal, to be filled.'),
  data: z
    .string()
    .startsWith('/')
    .optional()
    .describe('Data directory; default: as the server says.'),
  units: z
    .strictObject({ patroni: z.string().min(1).default('patroni.service') })
    .optional()
    .describe('systemd units.'),
  start: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Starts Patroni where systemd does not, on the machine, as root.'),
});
export type NodeParams = z.infer<typeof node>;

/** `host:port`; [v6]:port. */
const dcsAddress = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/, 'must be host:port, such as etcd1:2379');

/** Of a string that the schema let pass. */
export function dcsAddressOf(text: string): DcsAddress {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}
export interface DcsAddress {
  readonly host: string;
  readonly port: number;
}

const site = z.strictObject({
  shell: argv,
  command: z
    .array(z.string().min(1))
    .min(1)
    .default(['forkpoint'])
    .describe('Forkpoint there: forkpoint, or [npx, forkpoint].'),
  addresses: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
});

const proxy = z.strictObject({
  host: z
    .string()
    .min(1)
    .describe('Its own address, from which it connects to nodes; not one that moves.'),
  shell: argv,
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .default([])
    .describe('More addresses that its packets carry.'),
});
export type ProxyParams = z.infer<typeof proxy>;

const nodeName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]*$/, 'must be letters, digits, hyphens, dots and underscores')
  .refine(isNodeName, 'is a word for targets, so no node can be called that');

const keys = z.strictObject({
  consent: z.array(consent).default([]).describe('Harms allowed here; default: none.'),
  credentials: z.strictObject({
    user: z.string().min(1),
    database: z.string().min(1).optional().describe('Default: the user.'),
    password: secret.optional().describe('Default: PGPASSWORD, then the password file.'),
  }),
  tls: tls.optional(),
  patroni: z
    .strictObject({
      tls: restTls.optional(),
      auth: z.strictObject({ user: z.string().min(1), password: secret }).optional(),
    })
    .optional(),
  nodes: z
    .record(nodeName, node)
    .refine((nodes) => Object.keys(nodes).length > 0, 'must name at least one node')
    .refine((nodes) => Object.keys(nodes).length <= 9, 'at most 9 nodes'),
  dcs: z
    .array(dcsAddress)
    .default([])
    .describe('Members of the DCS, as the nodes reach them: for cuts from it.'),
  sites: z
    .strictObject({ clients: site.optional() })
    .optional()
    .describe('Where load runs; default: this host.'),
  routes: routeAddresses.describe(
    'What applications connect to, by the names of routes: HAProxy, PgBouncer, an address.',
  ),
  proxies: z
    .record(nodeName, proxy)
    .default({})
    .describe('Machines of HAProxy and PgBouncer apart from the nodes, for packet faults.'),
  minFree: z
    .int()
    .min(0)
    .default(5)
    .describe('Connections that the load must leave free on the primary.'),
});
/** A cluster file of `backend: external`. */
export const externalParams = keys.superRefine(({ nodes, proxies }, context) => {
  for (const name of Object.keys(proxies).filter((each) => Object.hasOwn(nodes, each))) {
    const message = `is a node already: a proxy on the machine of a node is met with the node`;
    context.addIssue({ code: 'custom', path: ['proxies', name], message });
  }
});
export type ExternalParams = z.infer<typeof externalParams>;

/** The same as data: what is absent is not there, as in JSON. */
export const clusterFileParams = externalParams.transform((params) => params as Json);
