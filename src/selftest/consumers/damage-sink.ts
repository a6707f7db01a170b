import type { DeliveryFlaw } from '../../contracts/result.ts';
import { parseLsn } from '../../std/units/lsn.ts';
import { choose, type Key } from '../damage.ts';
import type { Finding } from '../findings.ts';
import { detailOf, keyOf, versionOf, type SinkEvent } from './sink-event.ts';

/** Counts of a consumer that damage changes. */
export type SinkCount =
  | 'delivered'
  | 'missing'
  | 'skipped'
  | 'duplicates'
  | 'outOfOrder'
  | 'corrupted'
  | 'phantoms'
  | 'differing';

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

/** The sink has all of them in order, once and sound; each damage is of another kind. The first are of rows that nothing changed. */
export const sinkDamages: readonly SinkDamage[] = [
  {
    plan: (events, _next, random) => {
      const gone = choose(quiet(followed(events), events), victims, random);
      return {
        what: `remove ${gone.length} inserts`,
        events: events.filter((event) => !gone.includes(event)),
        changes: { ...missed(gone.length), differing: gone.length },
        findings: found('missing at consumer', gone),
      };
    },
  },
  {
    plan: (events, _next, random) => {
      const [first, ...others] = choose(quiet(events), victims, random);
      const twice = first ? [first, ...others] : [];
      return {
        what: `store ${twice.length} inserts twice, one at once and the others at the end`,
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
      const earlier = beforeLast(events);
      const moved = choose(quiet(earlier, events), victims, random);
      return {
        what: `move ${moved.length} inserts behind the last`,
        events: [...events.filter((event) => !moved.includes(event)), ...moved],
        changes: { outOfOrder: moved.length },
        findings: found('outOfOrder', moved),
      };
    },
  },
  corrupting('inserts', (events) => quiet(events)),
  {
    plan: (events, next, random) => {
      const [victim] = choose(quiet(followed(events), events), 1, random);
      const writer = victim && keyOf(victim).writer;
      const [never] = next.filter((key) => key.writer === writer);
      if (!victim || !never) throw new RangeError('there is no event to give another key to');
      const changed = { ...victim, row: { ...victim.row, seq: never.seq } };
      return {
        what: 'give 1 insert the key of a write that was never sent',
        events: events.map((event) => (event === victim ? changed : event)),
        changes: { ...missed(1), phantoms: 1, corrupted: 1, differing: 2 },
        findings: [
          ...found('missing at consumer', [victim]),
          ...found('phantom', [changed]),
          ...found('corrupted', [changed]),
        ],
      };
    },
  },
  {
    plan: (events, _next, random) => {
      const gone = choose(followed(hidden(events)), victims, random);
      return {
        what: `remove ${gone.length} updates that later ones hide`,
        events: events.filter((event) => !gone.includes(event)),
        changes: missed(gone.length),
        findings: found('missing at consumer', gone),
      };
    },
  },
  {
    plan: (events, _next, random) => {
      const deletes = events.filter(({ kind }) => kind === 'delete');
      const gone = choose(followed(deletes, events), victims, random);
      return {
        what: `remove ${gone.length} deletes`,
        events: events.filter((event) => !gone.includes(event)),
        changes: { ...missed(gone.length), differing: gone.length },
        findings: found('missing at consumer', gone),
      };
    },
  },
  {
    plan: (events, _next, random) => {
      const [victim] = choose(hidden(events), 1, random);
      const twice = victim ? [victim] : [];
      return {
        what: 'store 1 update again at the end',
        events: [...events, ...twice],
        changes: { duplicates: 1, differing: 1 },
        findings: found('duplicated', twice),
      };
    },
  },
  {
    plan: (events, _next, random) => {
      const moved = choose(hidden(beforeLast(events)), 1, random);
      return {
        what: 'move 1 update behind the last',
        events: [...events.filter((event) => !moved.includes(event)), ...moved],
        changes: { outOfOrder: 1, differing: 1 },
        findings: found('outOfOrder', moved),
      };
    },
  },
  corrupting('updates', hidden),
];

/** Changes the content of some of `these` events, which people call `name`. */
function corrupting(
  name: string,
  these: (events: readonly SinkEvent[]) => readonly SinkEvent[],
): SinkDamage {
  return {
    plan: (events, _next, random) => {
      const chosen = choose(these(events), victims, random);
      return {
        what: `append a letter to the content of ${chosen.length} ${name}`,
        events: events.map((event) => (chosen.includes(event) ? withLetter(event) : event)),
        changes: { corrupted: chosen.length },
        findings: found('corrupted', chosen),
      };
    },
  };
}

function missed(count: number): Partial<Record<SinkCount, number>> {
  return { missing: count, skipped: count, delivered: -count };
}

function withLetter(event: SinkEvent): SinkEvent {
  return { ...event, row: { ...event.row, payload: `${String(event.row.payload)}x` } };
}

function rowOf(event: SinkEvent): string {
  const { writer, seq } = keyOf(event);
  return `${writer} ${seq}`;
}

/** Inserts of rows that nothing changed in `all`. */
function quiet(events: readonly SinkEvent[], all = events): readonly SinkEvent[] {
  const changed = new Set(all.filter(({ kind }) => kind !== 'insert').map(rowOf));
  return events.filter((event) => event.kind === 'insert' && !changed.has(rowOf(event)));
}

/** Updates of rows that were updated again. */
function hidden(events: readonly SinkEvent[]): readonly SinkEvent[] {
  const updates = events.filter(({ kind }) => kind === 'update');
  const last = new Map(updates.map((event) => [rowOf(event), versionOf(event)]));
  return updates.filter((event) => versionOf(event) < (last.get(rowOf(event)) ?? 0));
}

function beforeLast(events: readonly SinkEvent[]): readonly SinkEvent[] {
  const last = lastOf(events);
  return events.filter(({ lsn }) => parseLsn(lsn) !== last);
}

function lastOf(events: readonly SinkEvent[]): bigint {
  return events.map(({ lsn }) => parseLsn(lsn)).reduce((a, b) => (a > b ? a : b), 0n);
}

/** Those with a later one of the same writer in `all`: only then is it certain that the consumer passed them over. */
function followed(events: readonly SinkEvent[], all = events): readonly SinkEvent[] {
  const ofWriters = Map.groupBy(all, (event) => keyOf(event).writer);
  const last = new Map([...ofWriters].map(([writer, own]) => [writer, lastOf(own)]));
  return events.filter((event) => parseLsn(event.lsn) < (last.get(keyOf(event).writer) ?? 0n));
}

function found(
  kind: DeliveryFlaw | 'missing at consumer',
  events: readonly SinkEvent[],
): readonly Finding[] {
  return events.map((event) => {
    const { writer, seq } = keyOf(event);
    const detail = detailOf(event.kind, versionOf(event));
    return { kind, writer, from: seq, to: seq, ...detail };
  });
}
