import type { DeliveryFlaw } from '../../contracts/result.ts';
import { parseLsn } from '../../std/units/lsn.ts';
import { choose, type Key } from '../damage.ts';
import type { Finding } from '../findings.ts';
import { keyOf, type SinkEvent } from './sink-event.ts';

/** Counts of a consumer that damage changes. */
export type SinkCount =
  'delivered' | 'missing' | 'skipped' | 'duplicates' | 'outOfOrder' | 'corrupted' | 'phantoms';

/** What one damage makes of a sink, and exactly what the judge must report. */
export interface PlantedInSink {
  /** `remove 3 events`, for people. */
  readonly what: string;
  readonly events: readonly SinkEvent[];
  /** The change of each count; the others must not change. Each missing write is missing at the consumer. */
  readonly changes: Partial<Record<SinkCount, number>>;
  readonly findings: readonly Finding[];
}

export interface SinkDamage {
  /** `next`: each writer's first seq that it never sent. */
  readonly plan: (
    events: readonly SinkEvent[],
    next: readonly Key[],
    random: () => number,
  ) => PlantedInSink;
}

const victims = 3;

/** The sink has all of them in order, once and sound; each damage is of another kind. */
export const sinkDamages: readonly SinkDamage[] = [
  {
    plan: (events, _next, random) => {
      const gone = choose(followed(events), victims, random);
      return {
        what: `remove ${gone.length} events`,
        events: events.filter((event) => !gone.includes(event)),
        changes: { missing: gone.length, skipped: gone.length, delivered: -gone.length },
        findings: found('missing at consumer', gone),
      };
    },
  },
  {
    plan: (events, _next, random) => {
      const [first, ...others] = choose(events, victims, random);
      const twice = first ? [first, ...others] : [];
      return {
        what: `store ${twice.length} events twice, one at once and the others at the end`,
        events: [
          ...events.flatMap((event) => (event === first ? [event, event] : [event])),
          ...others,
        ],
        changes: { duplicates: twice.length },
        findings: found('duplicated', twice),
      };
    },
  },
  {
    plan: (events, _next, random) => {
      const last = events.reduce((most, { lsn }) => {
        return parseLsn(lsn) > parseLsn(most) ? lsn : most;
      }, '0/0');
      const earlier = events.filter(({ lsn }) => lsn !== last);
      const moved = choose(earlier, victims, random);
      return {
        what: `move ${moved.length} events behind the last`,
        events: [...events.filter((event) => !moved.includes(event)), ...moved],
        changes: { outOfOrder: moved.length },
        findings: found('outOfOrder', moved),
      };
    },
  },
  {
    plan: (events, _next, random) => {
      const chosen = choose(events, victims, random);
      const changed = (event: SinkEvent): SinkEvent => {
        return { ...event, row: { ...event.row, payload: `${String(event.row.payload)}x` } };
      };
      return {
        what: `append a letter to the content of ${chosen.length} events`,
        events: events.map((event) => (chosen.includes(event) ? changed(event) : event)),
        changes: { corrupted: chosen.length },
        findings: found('corrupted', chosen),
      };
    },
  },
  {
    plan: (events, next, random) => {
      const [victim] = choose(followed(events), 1, random);
      const writer = victim && keyOf(victim).writer;
      const [never] = next.filter((key) => key.writer === writer);
      if (!victim || !never) throw new RangeError('there is no event to give another key to');
      const changed = { ...victim, row: { ...victim.row, seq: never.seq } };
      return {
        what: 'give 1 event the key of a write that was never sent',
        events: events.map((event) => (event === victim ? changed : event)),
        changes: { missing: 1, skipped: 1, delivered: -1, phantoms: 1, corrupted: 1 },
        findings: [
          ...found('missing at consumer', [victim]),
          ...found('phantom', [changed]),
          ...found('corrupted', [changed]),
        ],
      };
    },
  },
];

/** Those with a later one of the same writer: only then is it certain that the consumer passed them over. */
function followed(events: readonly SinkEvent[]): readonly SinkEvent[] {
  const last = new Map<number, number>();
  for (const event of events) {
    const { writer, seq } = keyOf(event);
    last.set(writer, Math.max(seq, last.get(writer) ?? 0));
  }
  return events.filter((event) => {
    const { writer, seq } = keyOf(event);
    return seq < (last.get(writer) ?? 0);
  });
}

function found(
  kind: DeliveryFlaw | 'missing at consumer',
  events: readonly SinkEvent[],
): readonly Finding[] {
  return events.map((event) => {
    const { writer, seq } = keyOf(event);
    return { kind, writer, from: seq, to: seq };
  });
}
