import type { NodeReading, Ranges } from '../../contracts/evidence.ts';
import type { LossPattern } from '../../contracts/result.ts';
import { BOUNDARY_BYTES } from './boundary.ts';
import type { LsnOrder } from './lsn-order.ts';
import { survivingRows, type PrimaryVerdict } from '../ledger/fates.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Stretch } from '../ledger/writer-ledger.ts';
import { clip } from '../../std/ranges.ts';

/** One writer's acknowledged inserts: lost, surviving, and how servers took turns in acknowledging them. */
export interface WriterLoss {
  readonly lost: Ranges;
  readonly surviving: Ranges;
  readonly stretches: readonly Pick<Stretch, 'from' | 'to'>[];
}

export interface LossPatternInput {
  /** Writers without a loss may be left out. Gone through several times, one writer at a time. */
  readonly writers: Iterable<WriterLoss>;
  /** Acknowledged updates or deletes were lost. */
  readonly hasLostChanges: boolean;
  readonly order: readonly LsnOrder[];
}

/** Fewer losses than this at equal distances are chance: of all writers together, and of at least one of them. */
const LEAST_PERIODIC = 5;
const LEAST_OF_ONE_WRITER = 3;

/**
 * The shape of a loss.
 * tail: on each server and timeline, what was lost is the end of it: no row that the same writer got acknowledged
 * there later survived, and none that any writer got acknowledged at a later LSN. periodic: between each writer's first
 * and last loss, exactly the rows with seq mod modulus = remainder are lost. scattered: neither.
 */
export function lossPattern(input: LossPatternInput): LossPattern {
  const isAnyAffected = some(input.writers, () => true);
  if (!isAnyAffected && !input.hasLostChanges) return { kind: 'none' };
  const endsAll = input.order.every(
    ({ firstLostLsn, lastSurvivingLsn }) => firstLostLsn > lastSurvivingLsn - BOUNDARY_BYTES,
  );
  const isKnown = isAnyAffected || input.order.length > 0;
  const hasSurvivorsBehind = (writer: WriterLoss) => !losesTails(writer);
  if (isKnown && endsAll && !some(input.writers, hasSurvivorsBehind)) return { kind: 'tail' };
  return periodic(input.writers) ?? { kind: 'scattered' };
}

/** The pattern of a judged run. */
export function patternOf(
  ledger: Ledger,
  verdict: PrimaryVerdict,
  reading: NodeReading,
  order: readonly LsnOrder[],
): LossPattern {
  const writers = {
    *[Symbol.iterator](): Generator<WriterLoss> {
      for (const [writer, lost] of verdict.lost.acknowledgedInserts()) {
        const stretches = ledger.writer(writer)?.stretches ?? [];
        yield { lost, surviving: survivingRows(ledger, writer, reading), stretches };
      }
    },
  };
  return lossPattern({ writers, hasLostChanges: verdict.lost.hasLostChanges(), order });
}

function losesTails({ lost, surviving, stretches }: WriterLoss): boolean {
  return stretches.every(({ from, to }) => {
    const firstLost = clip(lost, from, to)[0]?.[0];
    return firstLost === undefined || clip(surviving, firstLost, to).length === 0;
  });
}

function periodic(writers: Iterable<WriterLoss>): LossPattern | undefined {
  // Neighbours are lost: no modulus but 1 fits.
  if (some(writers, ({ lost }) => lost.some(([from, to]) => from !== to))) return undefined;
  if (!some(writers, ({ lost }) => lost.length >= LEAST_OF_ONE_WRITER)) return undefined;
  let [total, modulus] = [0, 0];
  let origin: number | undefined;
  for (const { lost } of writers) {
    total += lost.length;
    for (const [seq] of lost)
      modulus = greatestCommonDivisor(Math.abs(seq - (origin ??= seq)), modulus);
  }
  if (total < LEAST_PERIODIC || modulus < 2 || origin === undefined) return undefined;
  const remainder = origin % modulus;
  const hasSurvivorBetween = ({ lost, surviving }: WriterLoss) => {
    const span = clip(surviving, lost[0]?.[0] ?? 0, lost.at(-1)?.[1] ?? 0);
    return span.some(([from, to]) => countCongruent(from, to, modulus, remainder) > 0);
  };
  return some(writers, hasSurvivorBetween) ? undefined : { kind: 'periodic', modulus, remainder };
}

/** Of writers that lost any. */
function some(writers: Iterable<WriterLoss>, holds: (writer: WriterLoss) => boolean): boolean {
  for (const writer of writers) if (writer.lost.length > 0 && holds(writer)) return true;
  return false;
}

function countCongruent(from: number, to: number, modulus: number, remainder: number): number {
  return Math.floor((to - remainder) / modulus) - Math.floor((from - 1 - remainder) / modulus);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
