import { z } from 'zod';
import type { RunEvent } from '../../contracts/evidence.ts';
import { byNode, milliseconds, mostNodes } from './bounds.ts';

/* One line of events.jsonl, by its type. Loose: a later version adds fields. */

const text = z.string();
const names = z.array(text).max(mostNodes);
const nanoseconds = text.regex(/^\d{1,19}$/, 'not a number of nanoseconds');
const id = { id: text };
const count = z.int().nonnegative();

const topology = z.looseObject({
  leader: text.exactOptional(),
  syncStandbys: names,
  isPaused: z.boolean(),
  isLockUnknown: z.literal(true).exactOptional(),
  members: z
    .array(
      z.looseObject({
        node: text,
        role: text,
        state: text.exactOptional(),
        timeline: z.int().nonnegative().exactOptional(),
        startedAt: text.exactOptional(),
        processesSince: text.exactOptional(),
      }),
    )
    .max(mostNodes),
});

const types: Readonly<Record<RunEvent['type'], z.ZodType>> = {
  run: z.looseObject({
    runId: text.min(1),
    startedAt: z.iso.datetime(),
    originNs: nanoseconds,
    reproduce: text,
    overrides: z.array(text).exactOptional(),
    versions: z.record(text, text),
    clients: z.looseObject({ site: text, where: text }).exactOptional(),
    routes: z
      .array(z.looseObject({ route: text, what: text, notes: z.array(text) }))
      .exactOptional(),
    folder: text.exactOptional(),
    replayOf: z.looseObject({ runId: text, startedAt: text }).exactOptional(),
  }),
  note: z.looseObject({ what: text }),
  phase: z.looseObject({ phase: text, edge: z.enum(['begin', 'end']) }),
  load: z.discriminatedUnion('edge', [
    z.looseObject({ edge: z.literal('begin'), originNs: nanoseconds }),
    z.looseObject({ edge: z.enum(['held', 'resumed', 'stop', 'end']) }),
  ]),
  mark: z.looseObject({ text, agoMs: milliseconds, id: text.exactOptional() }),
  topology: z.looseObject({ topology }),
  blind: z.discriminatedUnion('edge', [
    z.looseObject({ edge: z.literal('begin'), agoMs: milliseconds }),
    z.looseObject({ edge: z.literal('end') }),
  ]),
  unseen: z.discriminatedUnion('edge', [
    z.looseObject({ edge: z.literal('begin'), source: text, what: text, agoMs: milliseconds }),
    z.looseObject({ edge: z.literal('end'), replaced: names }),
  ]),
  lag: z.looseObject({ bytes: byNode(z.number()) }),
  reach: z.looseObject({
    node: text,
    reach: z.enum(['answers', 'refuses', 'silent']),
    agoMs: milliseconds,
  }),
  unplanned: z.looseObject({
    node: text,
    what: z.enum(['ended', 'started', 'crashed', 'unknown']),
    agoMs: milliseconds,
  }),
  worker: z.discriminatedUnion('edge', [
    z.looseObject({ edge: z.literal('lost'), worker: count, how: text }),
    z.looseObject({
      edge: z.literal('joined'),
      worker: count,
      inPlaceOf: count,
      firstWriter: count,
      writers: count,
    }),
    z.looseObject({ edge: z.literal('missing'), worker: count, why: text }),
  ]),
  wait: z.looseObject({ ...id, wait: z.enum(['when', 'until']), state: text }),
  waited: z.looseObject({ ...id, wait: z.enum(['when', 'until']) }),
  inject: z.looseObject({
    ...id,
    fault: text,
    targets: names,
    plannedAtMs: milliseconds,
    expected: z.enum(['refused', 'either']).exactOptional(),
    effects: z
      .looseObject({
        asksForPromotion: z.boolean().exactOptional(),
        servers: z.enum(['none', 'targets', 'any']).exactOptional(),
      })
      .exactOptional(),
  }),
  undo: z.looseObject({ ...id, step: z.looseObject({ do: text }) }),
  injected: z.looseObject(id),
  proof: z.looseObject({ ...id, tried: z.array(text), doubt: text.optional() }),
  notCarriedOut: z.looseObject({ ...id, why: text }),
  heal: z.looseObject(id),
  healed: z.looseObject(id),
  problem: z.looseObject({
    what: text,
    id: text.exactOptional(),
    isInterruption: z.literal(true).exactOptional(),
  }),
};

const time = z.looseObject({ atMs: milliseconds });

/**
 * The schemas that one event is held to; undefined for a type that this version does not know. Two, and no
 * intersection: zod compares every key of one with every key of the other.
 */
export function eventSchemas(type: string): readonly z.ZodType[] | undefined {
  return Object.hasOwn(types, type) ? [time, types[type as RunEvent['type']]] : undefined;
}
