import { z } from 'zod';
import type { RouteSpec } from '../../contracts/route.ts';
import type { ClientReadSpec, GroupSpec, LoadSpec } from '../../contracts/scenario.ts';
import { rate } from '../../std/units/units.ts';
import { onlyReads } from '../words/groups.ts';
import { mixOf, mixSchema, readFromSchema } from './mix-schema.ts';
import { thinkSchema } from './profile-schema.ts';
import { groupRoute, routeSchema } from './route-schema.ts';
import { payloadShape } from './transaction-schema.ts';

/** Clients that are asked for something of their own, side by side: `load.groups`. */

/** The keys that a group has beside those of its workload. */
export const groupShape = {
  clients: z.int().min(1).max(2000).describe('Number of connections, each with its own writer.'),
  rate: rate.optional().describe('Operations per second of the group; default: no limit.'),
  think: thinkSchema.optional(),
  route: routeSchema,
  site: z
    .string()
    .min(1)
    .optional()
    .describe('The client site where the group runs; default: that of the load.'),
  workload: z
    .string()
    .optional()
    .describe('Its own workload, with its keys beside it; default: that of the load.'),
  mix: mixSchema
    .optional()
    .describe(
      'Share of each kind of operation; default: that of the load. With read alone it only reads.',
    ),
  readFrom: readFromSchema,
  batch: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Rows per insert; default: that of the load.'),
  payload: payloadShape
    .optional()
    .describe('Size of the content of a row; default: that of the load.'),
};

export const groupsSchema = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens: batch'),
    // The keys of its workload are read when it is known.
    z.object(groupShape),
  )
  .optional()
  .describe('Groups of clients by name: { clients, rate, think, workload, mix, route, site }.');

type Written = NonNullable<z.output<typeof groupsSchema>>;
type Complain = (path: readonly (string | number)[], message: string) => void;
type Groups = Pick<LoadSpec, 'clients' | 'routes' | 'groups' | 'mix' | 'ratePerSecond'>;

const oneSchedule = ': it is one schedule of all clients, and each group has its own';
const reasons: Readonly<Record<string, string>> = {
  stages: oneSchedule,
  until: oneSchedule,
  operations: oneSchedule,
};

/** Refuses what the load says of all clients beside groups: each group says it for its own, or it is for a load without them. */
export function refuseBeside(others: Readonly<Record<string, unknown>>, complain: Complain): void {
  const ofGroups: readonly string[] = ['clients', 'route', 'rate', 'think', 'readFrom'];
  for (const [key, value] of Object.entries(others)) {
    if (value === undefined) continue;
    const instead = ofGroups.includes(key) ? `: give each group its ${key}` : (reasons[key] ?? '');
    complain([key], `cannot be combined with groups${instead}`);
  }
}

/** Each group's writers follow those of the group before, and have a route of its name. */
export function groupsOf(
  written: Written,
  usual: Pick<LoadSpec, 'mix' | 'batch' | 'site'>,
  complain: Complain,
): Groups {
  if (Object.keys(written).length === 0) complain(['groups'], 'names no group');
  const routes: RouteSpec[] = [];
  const hasOwnMix = Object.values(written).some(({ mix = {} }) =>
    [mix.insert, mix.update, mix.delete].some((share = 0) => share > 0),
  );
  const groups = Object.entries(written).map(([name, group]): GroupSpec => {
    const path = ['groups', name];
    if (group.think && group.rate !== undefined) {
      const message = 'is without effect: with rate the schedule says what starts when';
      complain([...path, 'think'], message);
    }
    const { clients, route, batch, payload, workload, site } = group;
    const kinds = kindsOf(group, { path, batch: batch ?? usual.batch, complain });
    routes.push(groupRoute({ name, clients, route }, [...path, 'route'], complain));
    return {
      name,
      clients,
      ...(group.rate !== undefined && { ratePerSecond: group.rate }),
      ...(group.think && { think: group.think }),
      // The load's own mix becomes that of all together, so a group that keeps the usual one must say it.
      ...(hasOwnMix && !onlyReads(kinds) && { mix: usual.mix }),
      ...kinds,
      ...(batch !== undefined && { batch }),
      ...payload,
      ...(workload !== undefined && { workload }),
      ...(site !== undefined && { site }),
    };
  });
  refuseTogether(groups, usual, complain);
  const writing = groups.filter((group) => !onlyReads(group));
  const clients = groups.reduce((sum, group) => sum + group.clients, 0);
  return {
    clients: Math.max(1, clients),
    routes,
    groups,
    mix: mixOfAll(writing, usual.mix),
    ...rateOfAll(groups),
  };
}

/** What makes no sense for all of them together. */
function refuseTogether(
  groups: readonly GroupSpec[],
  { site: usual }: Pick<LoadSpec, 'site'>,
  complain: Complain,
): void {
  const clients = groups.reduce((sum, group) => sum + group.clients, 0);
  if (clients > 2000)
    complain(['groups'], `have ${clients} clients together, and 2000 is the most`);
  if (groups.length > 0 && groups.every(onlyReads))
    complain(['groups'], 'write nothing, so there is nothing to judge: let one of them write');
  if (groups.length > 0 && groups.every(({ site = usual }) => site !== usual)) {
    const message = `no group is at '${usual}', the site of the load: write load.site: ${groups[0]?.site ?? usual}`;
    complain(['groups'], message);
  }
}

interface OfGroup {
  readonly path: readonly string[];
  readonly batch: number;
  readonly complain: Complain;
}

/** Its own mix, and what it reads. */
function kindsOf(
  { mix, readFrom }: Pick<Written[string], 'mix' | 'readFrom'>,
  { path, batch, complain }: OfGroup,
): Pick<GroupSpec, 'mix' | 'clientReads'> {
  const { insert = 0, update = 0, delete: remove = 0, read = 0 } = mix ?? {};
  if (read > 0 && insert + update + remove === 0) {
    const from: ClientReadSpec['from'] = readFrom ?? 'connection';
    return { clientReads: { share: 1, from } };
  }
  if (!mix && readFrom === undefined) return {};
  const keys = { mix: mix ?? { insert: 1 }, readFrom, batch };
  const kinds = mixOf(keys, (inner, message) => complain([...path, ...inner], message));
  return mix ? kinds : {};
}

/** Where every group has one; reads are operations, too. */
function rateOfAll(groups: readonly GroupSpec[]): Pick<LoadSpec, 'ratePerSecond'> {
  const rates = groups.flatMap(({ ratePerSecond }) => ratePerSecond ?? []);
  if (rates.length < groups.length || rates.length === 0) return {};
  return { ratePerSecond: rates.reduce((sum, perSecond) => sum + perSecond, 0) };
}

/** Of all clients together: what the workload must be able to do, and read back. */
function mixOfAll(groups: readonly GroupSpec[], usual: LoadSpec['mix']): LoadSpec['mix'] {
  const all = groups.reduce((sum, { clients }) => sum + clients, 0);
  if (all === 0) return usual;
  const share = (kind: keyof LoadSpec['mix']) =>
    groups.reduce((sum, { clients, mix = usual }) => sum + mix[kind] * clients, 0) / all;
  return { insert: share('insert'), update: share('update'), delete: share('delete') };
}
