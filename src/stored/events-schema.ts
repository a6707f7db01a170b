import { z } from 'zod';
import type { RunEvent } from '../contracts/evidence.ts';

/* One line of events.jsonl, by its type. Loose: a later version adds fields. */

const text = z.string();
const number = z.number().nonnegative();
const names = z.array(text);
const nanoseconds = text.regex(/^\d{1,19}$/, 'not a number of nanoseconds');
const id = { id: text };

const topology = z.looseObject({
  ...{ leader: text.exactOptional(), syncStandbys: names, isPaused: z.boolean() },
  isLockUnknown: z.literal(true).exactOptional(),
  members: z.array(
    z.looseObject({
      ...{ node: text, role: text, state: text.exactOptional() },
      timeline: z.int().nonnegative().exactOptional(),
    }),
  ),
});

const types: Readonly<Record<RunEvent['type'], z.ZodType>> = {
  run: z.looseObject({
    ...{ runId: text.min(1), startedAt: z.iso.datetime(), originNs: nanoseconds, reproduce: text },
    versions: z.record(text, text),
    clients: z.looseObject({ site: text, where: text }).exactOptional(),
    folder: text.exactOptional(),
    replayOf: z.looseObject({ runId: text, startedAt: text }).exactOptional(),
  }),
  phase: z.looseObject({ phase: text, edge: z.enum(['begin', 'end']) }),
  load: z.discriminatedUnion('edge', [
    z.looseObject({ edge: z.literal('begin'), originNs: nanoseconds }),
    z.looseObject({ edge: z.enum(['held', 'resumed', 'end']) }),
  ]),
  topology: z.looseObject({ topology }),
  lag: z.looseObject({ bytes: z.record(text, z.number()) }),
  reach: z.looseObject({
    ...{ node: text, reach: z.enum(['answers', 'refuses', 'silent']), agoMs: number },
  }),
  wait: z.looseObject({ ...id, wait: z.enum(['when', 'until']), state: text }),
  waited: z.looseObject({ ...id, wait: z.enum(['when', 'until']) }),
  inject: z.looseObject({ ...id, fault: text, targets: names, plannedAtMs: z.number() }),
  undo: z.looseObject({ ...id, step: z.looseObject({ do: text }) }),
  injected: z.looseObject(id),
  notCarriedOut: z.looseObject({ ...id, why: text }),
  heal: z.looseObject(id),
  healed: z.looseObject(id),
  problem: z.looseObject({ what: text, id: text.exactOptional() }),
};

const time = z.looseObject({ atMs: number });

/** The schema of one event; undefined for a type that this version does not know. */
export function eventSchema(type: string): z.ZodType | undefined {
  const found = Object.hasOwn(types, type) ? types[type as RunEvent['type']] : undefined;
  return found && z.intersection(time, found);
}
