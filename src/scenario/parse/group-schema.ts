import { z } from 'zod';
import type { RouteSpec } from '../../contracts/route.ts';
import type { GroupSpec, LoadSpec } from '../../contracts/scenario.ts';
import { rate } from '../../std/units/units.ts';
import { mixOf, mixSchema } from './mix-schema.ts';
import { thinkSchema } from './profile-schema.ts';
import { groupRoute, routeSchema } from './route-schema.ts';

/** Clients that are asked for something of their own, side by side: `load.groups`. */

const groupSchema = z.strictObject({
  clients: z.int().min(1).max(2000).describe('Number of connections, each with its own writer.'),
  rate: rate.optional().describe('Operations per second of the group; default: no limit.'),
  think: thinkSchema.optional(),
  mix: mixSchema
    .omit({ read: true })
    .optional()
    .describe('Share of each kind of operation; default: that of the load.'),
  route: routeSchema,
});

export const groupsSchema = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens: batch'),
    groupSchema,
  )
  .optional()
  .describe('Groups of clients by name: { clients, rate, think, mix, route }.');

type Written = NonNullable<z.output<typeof groupsSchema>>;
type Complain = (path: readonly (string | number)[], message: string) => void;

/** Refuses what the load says of all clients beside groups: each group says it for its own, or it is for a load without them. */
export function refuseBeside(others: Readonly<Record<string, unknown>>, complain: Complain): void {
  const ofGroups: readonly string[] = ['clients', 'route', 'rate', 'think'];
  for (const [key, value] of Object.entries(others)) {
    if (value === undefined) continue;
    const instead = ofGroups.includes(key) ? `: give each group its ${key}` : '';
    complain([key], `cannot be combined with groups${instead}`);
  }
}

/** Each group's writers follow those of the group before, and have a route of its name. */
export function groupsOf(
  written: Written,
  { mix, batch }: Pick<LoadSpec, 'mix' | 'batch'>,
  complain: Complain,
): Pick<LoadSpec, 'clients' | 'routes' | 'groups' | 'mix' | 'ratePerSecond'> {
  const names = Object.keys(written);
  if (names.length === 0) complain(['groups'], 'names no group');
  const routes: RouteSpec[] = [];
  const hasOwnMix = Object.values(written).some((group) => group.mix);
  const groups = Object.entries(written).map(([name, group]): GroupSpec => {
    const path = ['groups', name];
    if (group.think && group.rate !== undefined) {
      const message = 'is without effect: with rate the schedule says what starts when';
      complain([...path, 'think'], message);
    }
    const { clients, route } = group;
    routes.push(groupRoute({ name, clients, route }, [...path, 'route'], complain));
    return {
      name,
      clients,
      ...(group.rate !== undefined && { ratePerSecond: group.rate }),
      ...(group.think && { think: group.think }),
      // The load's own mix becomes that of all together, so a group that keeps the usual one must say it.
      ...(hasOwnMix && { mix: group.mix ? ownMix(group.mix, path, { batch, complain }) : mix }),
    };
  });
  const clients = groups.reduce((sum, group) => sum + group.clients, 0);
  if (clients > 2000)
    complain(['groups'], `have ${clients} clients together, and 2000 is the most`);
  const rates = groups.flatMap(({ ratePerSecond }) => ratePerSecond ?? []);
  return {
    clients: Math.max(1, clients),
    routes,
    groups,
    mix: mixOfAll(groups, mix),
    ...(rates.length === groups.length && {
      ratePerSecond: rates.reduce((sum, perSecond) => sum + perSecond, 0),
    }),
  };
}

function ownMix(
  mix: NonNullable<Written[string]['mix']>,
  path: readonly string[],
  { batch, complain }: { readonly batch: number; readonly complain: Complain },
): LoadSpec['mix'] {
  const keys = { mix: { ...mix, read: undefined }, readFrom: undefined, batch };
  return mixOf(keys, (inner, message) => complain([...path, ...inner], message)).mix;
}

/** Of all clients together: what the workload must be able to do, and read back. */
function mixOfAll(groups: readonly GroupSpec[], usual: LoadSpec['mix']): LoadSpec['mix'] {
  const all = groups.reduce((sum, { clients }) => sum + clients, 0);
  const share = (kind: keyof LoadSpec['mix']) =>
    groups.reduce((sum, { clients, mix = usual }) => sum + mix[kind] * clients, 0) /
    Math.max(1, all);
  return { insert: share('insert'), update: share('update'), delete: share('delete') };
}
