import type { NodeReading, Ranges } from '../../contracts/evidence.ts';
import type { LossPattern } from '../../contracts/result.ts';
import { BOUNDARY_BYTES } from './boundary.ts';
import type { LsnOrder } from './attribute.ts';
import { survivingRows, type PrimaryVerdict } from '../ledger/fates.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Stretch } from '../ledger/writer-ledger.ts';
import { clip, normalize } from '../../std/ranges.ts';

/** One writer's acknowledged inserts: lost, surviving, and how servers took turns in acknowledging them. */
export interface WriterLoss {
  readonly lost: Ranges;
  readonly surviving: Ranges;
  readonly stretches: readonly Pick<Stretch, 'from' | 'to'>[];
}

export interface LossPatternInput {
  /** Writers without a loss may be left out. */
  readonly writers: readonly WriterLoss[];
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
  const affected = input.writers.filter(({ lost }) => lost.length > 0);
  if (affected.length === 0 && !input.hasLostChanges) return { kind: 'none' };
  const endsAll = input.order.every(
    ({ firstLostLsn, lastSurvivingLsn }) => firstLostLsn > lastSurvivingLsn - BOUNDARY_BYTES,
  );
  const isKnown = affected.length > 0 || input.order.length > 0;
  if (isKnown && endsAll && affected.every(losesTails)) return { kind: 'tail' };
  return periodic(affected) ?? { kind: 'scattered' };
}

/** The pattern of a judged run. */
export function patternOf(
  ledger: Ledger,
  verdict: PrimaryVerdict,
  reading: NodeReading,
  order: readonly LsnOrder[],
): LossPattern {
  const acknowledged = verdict.lost.filter(({ outcome }) => outcome === 'acknowledged');
  const inserts = acknowledged.filter(({ kind }) => kind === 'insert');
  const writers = [...Map.groupBy(inserts, ({ writer }) => writer)].map(([writer, lost]) => ({
    lost: normalize(lost.map(({ from, to }) => [from, to])),
    surviving: survivingRows(ledger, writer, reading),
    stretches: ledger.writer(writer)?.stretches ?? [],
  }));
  return lossPattern({ writers, hasLostChanges: acknowledged.length > inserts.length, order });
}

function losesTails({ lost, surviving, stretches }: WriterLoss): boolean {
  return stretches.every(({ from, to }) => {
    const firstLost = clip(lost, from, to)[0]?.[0];
    return firstLost === undefined || clip(surviving, firstLost, to).length === 0;
  });
}

function periodic(affected: readonly WriterLoss[]): LossPattern | undefined {
  const total = affected.reduce((sum, { lost }) => sum + lost.length, 0);
  const isBlock = affected.some(({ lost }) => lost.some(([from, to]) => from !== to));
  // Neighbours are lost: no modulus but 1 fits.
  if (total < LEAST_PERIODIC || isBlock) return undefined;
  if (affected.every(({ lost }) => lost.length < LEAST_OF_ONE_WRITER)) return undefined;
  const origin = affected[0]?.lost[0]?.[0] ?? 0;
  const modulus = affected
    .flatMap(({ lost }) => lost.map(([seq]) => Math.abs(seq - origin)))
    .reduce(greatestCommonDivisor, 0);
  if (modulus < 2) return undefined;
  const remainder = origin % modulus;
  const isExact = affected.every(({ lost, surviving }) => {
    const span = clip(surviving, lost[0]?.[0] ?? 0, lost.at(-1)?.[1] ?? 0);
    return span.every(([from, to]) => countCongruent(from, to, modulus, remainder) === 0);
  });
  return isExact ? { kind: 'periodic', modulus, remainder } : undefined;
}

function countCongruent(from: number, to: number, modulus: number, remainder: number): number {
  return Math.floor((to - remainder) / modulus) - Math.floor((from - 1 - remainder) / modulus);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
