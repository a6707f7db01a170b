import { z } from 'zod';
import type { ClusterSpec, LoadSpec, VerifySpec } from '../../contracts/scenario.ts';
import type { Json } from '../../contracts/json.ts';
import { positiveDuration, rate } from '../../std/units/units.ts';
import { mixOf, mixSchema, readFromSchema } from './mix-schema.ts';
import { patroniNumbers, patroniProblems } from './patroni-keys.ts';
import { problemOfOwnParameter, problemOfParameter } from './patroni-parameters.ts';
import { groupsOf, groupsSchema, refuseBeside } from './group-schema.ts';
import { profileOf, profileShape } from './profile-schema.ts';
import { payloadSchema, transactionOf, transactionShape } from './transaction-schema.ts';
import { pipelineSchema, refusePipeline } from './pipeline-schema.ts';
import { retrySchema } from './retry-schema.ts';
import { clientsOf, routeSchema, routesSchema } from './route-schema.ts';

/** The sections of a scenario file; the JSON Schema for editors is made from the same source. */

export const headSchema = z.object({
  name: z
    .string()
    .max(60)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens: partition-5s')
    .describe('Name of the scenario and of its reports folder.'),
  claim: z.string().trim().min(1).max(1000).describe('One sentence: what a passing run proves.'),
  backend: z
    .string()
    .optional()
    .describe('The backend that runs the cluster; --backend overrides it.'),
});

const atLeast = (least: number) => z.int().min(least).optional();
const patroniSchema = z
  .looseObject(
    Object.fromEntries(
      // -1, Patroni's default: no standby is too far behind to be synchronous.
      patroniNumbers.map((key) => [key, atLeast(key === 'maximum_lag_on_syncnode' ? -1 : 0)]),
    ),
  )
  .superRefine((settings, context) => {
    for (const { path, message } of patroniProblems(settings)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  })
  .transform((settings) => settings as Readonly<Record<string, Json>>)
  .describe("Patroni's dynamic configuration, in Patroni's own units: seconds and bytes.");

const parameter = z
  .union([z.string(), z.number(), z.boolean()], { error: 'must be a text, a number or a boolean' })
  .transform((value) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)));

const parameters = z.record(z.string().regex(/^[a-z_][a-z0-9_.]*$/i), parameter).default({});
const tag = z.union([z.string(), z.number(), z.boolean()], {
  error: 'must be a text, a number or a boolean',
});
const memberSchema = z.strictObject({
  tags: z
    .record(z.string(), tag)
    .default({})
    .describe("Patroni's tags of this member, over those of `config`."),
  parameters: parameters.describe('PostgreSQL parameters of this member alone.'),
});

/** The keys of `cluster:` that every backend has; the others are the backend's own. */
export const clusterShape = {
  nodes: z
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe('Number of nodes; default 3, or 1 for topology: single.'),
  topology: z.enum(['patroni', 'single']).default('patroni'),
  patroni: patroniSchema.prefault({}),
  // YAML 1.2 reads off and on as text; editors and YAML 1.1 as booleans.
  synchronous: z.union([z.enum(['off', 'on', 'strict', 'quorum']), z.boolean()]).default('off'),
  parameters: parameters.describe("PostgreSQL parameters; they override the lab's defaults."),
  config: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Your own file of a Patroni member (patroni.yml), relative to the scenario's folder.",
    ),
  members: z
    .record(z.string(), memberSchema)
    .optional()
    .describe("By node: what its member's file says beyond the others'."),
  standby: z
    .strictObject({ nodes: z.int().min(1).max(3).default(1).describe('Number of its nodes.') })
    .optional()
    .describe('A second Patroni cluster of its own scope, which follows the first one.'),
  converge: positiveDuration
    .prefault('60s')
    .describe('Longest wait for every node to converge after healing.'),
};

export const clusterSchema = z
  .strictObject(clusterShape)
  .transform((given, context): ClusterSpec => {
    const { converge, nodes, synchronous, config, members, standby, ...rest } = given;
    const isSingle = rest.topology === 'single';
    const mode = modeOf(synchronous);
    const complain = (path: string | readonly string[], message: string) => {
      context.addIssue({ code: 'custom', path: [path].flat(), message });
    };
    if (isSingle && (nodes ?? 1) > 1) complain('nodes', 'must be 1 where topology is single');
    if (isSingle && mode !== 'off') complain('synchronous', 'needs topology: patroni');
    if (isSingle && Object.keys(rest.patroni).length > 0) {
      complain('patroni', 'needs topology: patroni');
    }
    if (isSingle && config !== undefined) complain('config', 'needs topology: patroni');
    if (isSingle && members) complain('members', 'needs topology: patroni');
    if (isSingle && standby) complain('standby', 'needs topology: patroni');
    for (const [node, { parameters: own }] of Object.entries(members ?? {})) {
      for (const [name, value] of Object.entries(own)) {
        const problem = problemOfOwnParameter(name, value, mode !== 'off');
        if (problem !== undefined) complain(['members', node, 'parameters', name], problem);
      }
    }
    if (!isSingle) {
      for (const { path, name, value } of parametersOf(rest)) {
        const problem = problemOfParameter(name, value, mode !== 'off');
        if (problem !== undefined) complain(path, problem);
      }
    }
    return {
      ...rest,
      nodes: nodes ?? (isSingle ? 1 : 3),
      synchronous: mode,
      convergeMs: converge,
      ...(config !== undefined && { config: { file: config } }),
      ...(members && { members }),
      ...(standby && { standby }),
    };
  });

/** Accepted anywhere in the file. */
function parametersOf({ parameters, patroni }: Pick<ClusterSpec, 'parameters' | 'patroni'>) {
  const { parameters: through = {} } = (patroni.postgresql ?? {}) as ParametersOfPatroni;
  return [
    ...Object.entries(parameters).map(([name, value]) => ({
      path: ['parameters', name],
      name,
      value,
    })),
    ...Object.entries(through).map(([name, value]) => {
      return { path: ['patroni', 'postgresql', 'parameters', name], name, value };
    }),
  ];
}

interface ParametersOfPatroni {
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
}

function modeOf(synchronous: ClusterSpec['synchronous'] | boolean): ClusterSpec['synchronous'] {
  if (typeof synchronous !== 'boolean') return synchronous;
  return synchronous ? 'on' : 'off';
}

/** A reader has up to one connection to each node. */
const mostReaders = 100;
const readsPerReader = 10;

/** The keys of `load:` that every workload accepts; the others are the workload's own. */
export const loadShape = {
  workload: z.string().default('ledger'),
  clients: z
    .int()
    .min(1)
    .max(2000)
    .optional()
    .describe('Number of connections, each with its own writer; default: 16, or those of routes.'),
  route: routeSchema,
  routes: routesSchema,
  groups: groupsSchema,
  ...profileShape,
  mix: mixSchema.prefault({ insert: 100 }).describe('Share of each kind of operation.'),
  readFrom: readFromSchema,
  batch: z.int().min(1).max(10_000).default(1).describe('Rows per insert.'),
  payload: payloadSchema,
  pipeline: pipelineSchema,
  ...transactionShape,
  deadline: positiveDuration
    .prefault('5s')
    .describe('An operation without an answer by then is given up; its outcome is indeterminate.'),
  retry: retrySchema
    .optional()
    .describe('How clients send again what failed for a moment; default: never.'),
  minFree: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Connections that must stay free on the primary: without them the load does not begin, or ends. Default: as the cluster file says; none in a lab.',
    ),
  site: z
    .string()
    .min(1)
    .default('clients')
    .describe('The site where the clients run, so which side of a network partition they are on.'),
  workers: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Number of worker processes that share the clients; default: one for 256 clients, at most one for each core.',
    ),
  readers: z
    .int()
    .min(0)
    .max(mostReaders)
    .default(0)
    .describe('Number of readers beside the clients, each with connections of its own.'),
  reads: rate
    .optional()
    .describe('Reads per second of all readers together; default: 10 for each reader.'),
};

export const loadSchema = z
  .object(loadShape)
  .transform(
    ({ payload, deadline, rate: perSecond, duration: ms, ...others }, context): ParsedLoad => {
      const { readers: count, reads, minFree, retry, clients, route, routes, ...further } = others;
      const { isolation, synchronousCommit, savepoints, workers, pipeline, ...lesser } = further;
      const { stages, think, warmup, operations, until, knee, mix, readFrom, ...ofAll } = lesser;
      const { groups, ...bare } = ofAll;
      const complain = (path: readonly (string | number)[], message: string) => {
        context.addIssue({ code: 'custom', path: [...path], message });
      };
      const pace = { rate: perSecond, stages, think, until, knee };
      const profile = { ...pace, duration: ms, warmup, operations };
      if (groups) refuseBeside({ clients, route, routes, operations, readFrom, ...pace }, complain);
      const kinds = mixOf({ mix, readFrom, batch: bare.batch }, complain);
      if (kinds.clientReads && (groups || knee || until)) {
        const what = groups
          ? 'groups: give the groups that read a mix of their own'
          : 'until: knee, which counts writes';
        complain(['mix', 'read'], `cannot be combined with ${what}`);
      }
      const by = groups
        ? groupsOf(groups, { mix: kinds.mix, batch: bare.batch, site: bare.site }, complain)
        : clientsOf({ clients, route, routes }, complain);
      const rest = { ...bare, ...profileOf(profile, complain), ...kinds, ...by };
      if (workers !== undefined && workers > rest.clients) {
        const message = 'must not be above clients: a worker without a client does nothing';
        context.addIssue({ code: 'custom', path: ['workers'], message });
      }
      if (reads !== undefined && count === 0) {
        const message = 'is without effect: give readers, too';
        context.addIssue({ code: 'custom', path: ['reads'], message });
      }
      const pauses = think ?? Object.values(groups ?? {}).find((group) => group.think)?.think;
      const asWritten = { ...others, think: pauses, routes: by.routes };
      if (pipeline > 1) refusePipeline(asWritten, complain);
      const readers = { count, ratePerSecond: reads ?? count * readsPerReader };
      return {
        ...rest,
        ...(count > 0 && { readers }),
        ...(minFree !== undefined && { minFree }),
        ...(retry && { retry }),
        ...(workers !== undefined && { workers }),
        ...(pipeline > 1 && { pipeline }),
        ...payload,
        ...transactionOf({ isolation, synchronousCommit, savepoints }),
        deadlineMs: deadline,
      };
    },
  );
type ParsedLoad = Omit<LoadSpec, 'params'>;

export const verifySchema = z
  .strictObject({
    content: z
      .boolean()
      .default(true)
      .describe('Compare the content of every row, not only its presence.'),
    amcheck: z.boolean().default(false).describe('Run amcheck on every node after convergence.'),
  })
  .transform((verify): VerifySpec => verify);

// YAML 1.2 reads off and on as text; editors and YAML 1.1 as booleans.
export const evidenceSchema = z
  .union([z.enum(['off', 'on']), z.boolean()])
  .transform((given) => given === 'off' || given === false)
  .describe(
    "off: after a failover nothing is taken of the old primary's data and WAL before Patroni rewinds it. Default: on.",
  );

export const holdSchema = z
  .literal('rejoin')
  .describe(
    'rejoin: pg_rewind of an old primary waits until evidence of it was taken, at most 60 s.',
  );

/** Every key at the top of the file. */
export const topKeys = [
  ...Object.keys(headSchema.shape),
  ...['cluster', 'load', 'downstream', 'faults', 'expect', 'verify'],
  ...['evidence', 'hold', 'thresholds'],
  ...['incident', 'cure'],
];
