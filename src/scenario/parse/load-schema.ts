import { z } from 'zod';
import type { LoadSpec } from '../../contracts/scenario.ts';
import { positiveDuration, rate } from '../../std/units/units.ts';
import { groupsOf, groupsSchema, refuseBeside } from './group-schema.ts';
import { mixOf, mixSchema, readFromSchema } from './mix-schema.ts';
import { pipelineSchema, refusePipeline } from './pipeline-schema.ts';
import { profileOf, profileShape } from './profile-schema.ts';
import { retrySchema } from './retry-schema.ts';
import { clientsOf, routeSchema, routesSchema } from './route-schema.ts';
import { payloadSchema, transactionOf, transactionShape } from './transaction-schema.ts';

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
