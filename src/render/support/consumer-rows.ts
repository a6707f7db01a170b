import type { DeliveryFlaw, DownstreamResult, Result, WriteRange } from '../../contracts/result.ts';
import { grouped, seconds } from './format.ts';

const anomaliesShown = 3;

export const consumerHead = [
  ...['consumer', 'should have', 'delivered', 'missing', 'duplicates', 'out of order'],
  ...['corrupted', 'phantoms', 'longest lag'],
];

/** What each consumer delivered. */
export function consumerRows({ downstream = [] }: Result): readonly (readonly string[])[] {
  return downstream.map((found) => [
    ...[found.name, shown(found.expected), shown(found.delivered), shown(found.missing)],
    ...[shown(found.duplicates), shown(found.outOfOrder), shown(found.corrupted)],
    ...[shown(found.phantoms), lag(found)],
  ]);
}

/** Why a consumer lacks what it lacks. */
export function consumerSentences({ downstream = [] }: Result): readonly string[] {
  return downstream.flatMap((found) => [
    ...(found.reason === null ? [] : [`${found.name} could not be judged: ${found.reason}.`]),
    ...found.gaps.map(
      ({ fromLsn, toLsn, why }) =>
        `${found.name} cannot deliver what was committed from ${fromLsn} to ${toLsn}: ${why}.` +
        (found.stopped === null ? '' : ' It stopped, and delivers nothing later either.'),
    ),
    ...placed(found),
    ...flawed(found),
    ...unlike(found),
    ...(found.stopped === null || found.gaps.length > 0
      ? []
      : [`${found.name} stopped by itself: ${found.stopped}.`]),
    ...(found.starts > 1 ? [`${found.name} was started ${found.starts} times.`] : []),
  ]);
}

/** For a terminal. */
export function consumerLines(result: Result): readonly string[] {
  const lines = (result.downstream ?? []).map(
    (found) =>
      `${found.name}: ${shown(found.delivered)} of ${shown(found.expected)} delivered, ${shown(found.missing)} missing, ` +
      `${shown(found.duplicates)} duplicates, ${shown(found.outOfOrder)} out of order, ${shown(found.corrupted)} corrupted, ` +
      `${shown(found.phantoms)} phantoms; longest lag ${lag(found)}`,
  );
  return [...lines, ...consumerSentences(result)];
}

function placed({ name, missing, missingAt, skipped, missingRanges }: DownstreamResult): string[] {
  if (!missing) return [];
  const [first] = missingRanges;
  if (!missingAt) {
    const where = first ? ` The first: ${writesIn(first)}.` : '';
    return [
      `${name} is missing ${grouped(missing)}; where on their way is not known, for only its sink is read.${where}`,
    ];
  }
  const { slot, consumer, sink } = missingAt;
  const example = first ? `; the first: ${writesIn(first)}, at the ${first.at}` : '';
  const silently = skipped ? `, ${grouped(skipped)} of them skipped without a word` : '';
  return [
    `Of the ${grouped(missing)} that ${name} is missing, ${grouped(slot)} were lost at the slot, ${grouped(consumer)} in the consumer` +
      `${silently}, and ${grouped(sink)} in the sink${example}.`,
  ];
}

const flawWords = {
  duplicated: 'Duplicates',
  outOfOrder: 'Writes out of order',
  corrupted: 'Corrupted writes',
  phantom: 'Phantoms',
} as const satisfies Record<DeliveryFlaw, string>;

/** The first of each kind. */
function flawed({ name, anomalies = [] }: DownstreamResult): string[] {
  const kinds = Map.groupBy(anomalies, ({ kind }) => kind);
  return [...kinds].map(([kind, same]) => {
    const named = same.slice(0, anomaliesShown).map(writesIn);
    const more = same.length > anomaliesShown ? '; and more' : '';
    return `${flawWords[kind]} of ${name}: ${named.join('; ')}${more}.`;
  });
}

/** `writer 0, seq 3, updated to version 5` */
function writesIn({ writer, from, to, operation, versions }: WriteRange): string {
  const rows = `writer ${writer}, seq ${span(from, to)}`;
  if (operation === 'update' && versions) return `${rows}, updated to version ${span(...versions)}`;
  return operation === 'delete' ? `${rows}, deleted` : rows;
}

function span(from: number, to: number): string {
  return from === to ? String(from) : `${from} to ${to}`;
}

/** What is left of the rows, and what cannot be known. */
function unlike({ name, differing, uncertain }: DownstreamResult): string[] {
  return [
    ...(differing
      ? [
          `${grouped(differing)} ${differing === 1 ? 'row ends' : 'rows end'} in ${name} otherwise than on the final primary.`,
        ]
      : []),
    ...(uncertain
      ? [
          `Of ${grouped(uncertain)} ${uncertain === 1 ? 'write' : 'writes'} it is not known whether ${name} should have ${uncertain === 1 ? 'it' : 'them'}.`,
        ]
      : []),
  ];
}

function shown(count: number | null): string {
  return count === null ? 'unknown' : grouped(count);
}

function lag({ longestLagMs }: DownstreamResult): string {
  return longestLagMs === null ? 'unknown' : seconds(longestLagMs);
}
