import type { Result } from '../../contracts/result.ts';
import { countedBytes } from '../../render/support/counted.ts';
import { invariantRows } from '../../render/support/invariant-rows.ts';
import { rejoinWords } from '../../render/support/sentences.ts';
import { bytes, grouped, seconds, secondsOrUnknown } from '../../render/support/format.ts';
import {
  afterInjection,
  inForceSince,
  timesAfterInjection,
} from '../../render/support/after-injection.ts';
import { gapOf } from '../../render/support/mark-words.ts';
import { splitBrainHead, splitBrainRows } from '../../render/support/split-brain-rows.ts';
import { unplannedWords } from '../../render/support/unplanned-words.ts';
import { momentLink } from './look-closer.ts';
import type { Markup } from '../../render/support/markup.ts';
import { badge, more, table } from '../../render/support/table.ts';

const faultsShown = 200;

/** Each replica compared with the final primary. */
export function replicas({ replicas: all }: Result): Markup | undefined {
  return table(
    'Replicas, compared with the final primary',
    ['Node', '', 'Missing', 'Extra', 'Stale', 'Corrupted', 'Lag when read', 'Why'],
    all.map(({ node, status, missing, extra, corrupted, stale = 0, lagBytes, reason }) => [
      ...[
        node,
        badge(status),
        grouped(missing),
        grouped(extra),
        grouped(stale),
        grouped(corrupted),
      ],
      ...[bytes(lagBytes), reason ?? ''],
    ]),
  );
}

/** What the workload says must hold, where it does not, or could not be asked. */
export function invariants(result: Result): Markup | undefined {
  return table(
    'Invariants that do not hold',
    ['Node', 'Invariant', 'What must hold', 'Found'],
    invariantRows(result),
  );
}

/** When two nodes at once were primary, and what each of them acknowledged. */
export function splitBrains(result: Result): Markup | undefined {
  return table('Two primaries at once', splitBrainHead, splitBrainRows(result));
}

/** Where timelines fork. */
export function forks(result: Result): Markup | undefined {
  return table(
    'Forks',
    ['From timeline', 'To', 'Fork point', 'Old primary', 'New primary', 'WAL past the fork'],
    result.forks.map(
      ({ parentTimeline, timeline, lsn, oldPrimary, newPrimary, divergentBytes }) => [
        ...[String(parentTimeline), String(timeline), lsn, oldPrimary ?? 'unknown'],
        ...[newPrimary ?? 'unknown', countedBytes(result, divergentBytes)],
      ],
    ),
  );
}

/** Server ends and starts that no step of the run explains. */
export function unplanned({ unplanned: all }: Result): Markup | undefined {
  return table(
    'Servers that ended or started without a step of the run',
    ['Node', 'What PostgreSQL did there', 'From', 'To'],
    (all ?? [])
      .slice(0, faultsShown)
      .map(({ node, what, fromMs, untilMs }) => [
        ...[node, unplannedWords[what], seconds(fromMs), seconds(untilMs)],
      ]),
    more((all ?? []).length - faultsShown, 'of them'),
  );
}

/** What people noted, and for how long nothing was acknowledged then. */
export function marks({ marks: all = [] }: Result): Markup | undefined {
  return table(
    'Marks',
    ['Mark', 'At', 'Longest time without an acknowledged write until the next'],
    all
      .slice(0, faultsShown)
      .map(({ text, atMs, gap }) => [text, seconds(atMs), gap === null ? 'unknown' : gapOf(gap)]),
    more(all.length - faultsShown, 'marks'),
  );
}

/** The faults, and what followed each. `hasLog`: their moments lead to what the nodes logged. */
export function faults({ faults: all, outage, rto }: Result, hasLog: boolean): Markup | undefined {
  const moment = (atMs: number | null, text: string) =>
    hasLog && atMs !== null ? momentLink(atMs, text) : text;
  const gaps = new Map(outage.perFault.map((gap) => [gap.fault, gap]));
  return table(
    'Faults, and the longest time without a write around each',
    [
      ...['Fault', 'On', 'Planned', 'In force', 'Healed', 'No write from', 'until'],
      ...afterInjection.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`),
    ],
    all.slice(0, faultsShown).map((injection) => {
      const { id, fault, targets, plannedAtMs, healedAtMs } = injection;
      const gap = gaps.get(id);
      return [
        ...[id === fault ? id : `${id} (${fault})`, targets.join(', ') || 'the cluster'],
        ...[seconds(plannedAtMs), moment(injection.inForceAtMs, inForceSince(injection))],
        ...[moment(healedAtMs, healedAtMs === null ? 'not healed' : seconds(healedAtMs))],
        ...[
          secondsOrUnknown(gap?.fromMs ?? null),
          gap?.untilMs === null ? 'the end' : secondsOrUnknown(gap?.untilMs ?? null),
        ],
        ...timesAfterInjection(gap),
      ];
    }),
    [
      'A gap or a lost lock is listed with every fault in force at that time; not each of them need be its cause. The last three columns count from the injection.',
      ...(rto.ms === null
        ? []
        : [
            `From ${rto.fault ?? 'a fault'} to the first write on ${rto.isSameServer === true ? 'the same server as primary again' : 'the server that took over'}: ${seconds(rto.ms)}.`,
          ]),
      more(all.length - faultsShown, 'faults'),
    ]
      .filter((sentence) => sentence !== undefined)
      .join(' '),
  );
}

/** How nodes that had diverged came back. */
export function rejoins({ rejoins: all }: Result): Markup | undefined {
  return table(
    'How nodes came back',
    ['Node', 'How', 'From', 'Took', 'Forked at', 'Message'],
    (all ?? []).map(({ node, how, from, ms, forkLsn, forkTimeline, said }) => [
      ...[node, rejoinWords[how], from ?? ''],
      ms === null ? '' : seconds(ms),
      forkLsn === null ? '' : `${forkLsn}, timeline ${forkTimeline ?? 'unknown'}`,
      said ?? '',
    ]),
  );
}
