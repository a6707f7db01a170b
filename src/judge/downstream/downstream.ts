import type { StoredConsumer, TimedLine } from '../../contracts/downstream.ts';
import type { NodeReading } from '../../contracts/evidence.ts';
import type { DownstreamResult } from '../../contracts/result/downstream.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import { changesRows } from '../../scenario/words/groups.ts';
import { parseLsn } from '../../std/units/lsn.ts';
import { courseOf } from './course.ts';
import { judgeConsumer, type ConsumerEvidence } from './judge-consumer.ts';
import { writerHistories, type HistoryEvidence } from './writer-history.ts';

export interface DownstreamEvidence extends HistoryEvidence {
  readonly primary: NodeReading | undefined;
  readonly load: Pick<LoadSpec, 'mix' | 'groups'>;
}

/** Every consumer of the run; undefined where it has none. */
export function downstreamOf(
  consumers: readonly StoredConsumer[] | undefined,
  { primary, load, ...evidence }: DownstreamEvidence,
): readonly DownstreamResult[] | undefined {
  if (!consumers) return undefined;
  const histories = primary && writerHistories(primary, evidence);
  const hasChanges = changesRows(load);
  return consumers.map((consumer) => {
    const course = courseOf(consumer);
    const found = judgeConsumer(evidenceOf(consumer), histories, { hasChanges });
    return { ...found, ...(course && { course }) };
  });
}

function evidenceOf({ name, consumer, lines, sink }: StoredConsumer): ConsumerEvidence {
  const delivered = lines.filter((line) => line.type === 'delivered');
  const stops = lines.filter((line) => line.type === 'stopped' && !line.isAsked && !line.isSecond);
  const stop = stops.at(-1);
  return {
    name,
    consumer,
    sink,
    gaps: lines.flatMap((line) =>
      line.type === 'gap'
        ? [{ from: parseLsn(line.fromLsn), to: parseLsn(line.toLsn), why: line.why }]
        : [],
    ),
    said: delivered.reduce<bigint | null>((most, { lsn }) => {
      const at = parseLsn(lsn);
      return most === null || at > most ? at : most;
    }, null),
    batchAtUs: batchTimes(delivered),
    starts: lines.filter(({ type, isSecond }) => type === 'started' && !isSecond).length,
    stopped: stop?.type === 'stopped' ? stop.why : null,
  };
}

type Delivered = Extract<TimedLine, { readonly type: 'delivered' }>;

/** A consumer that was killed between the sink's commit and its word for it says so with its next batch. */
function batchTimes(delivered: readonly Delivered[]): ConsumerEvidence['batchAtUs'] {
  const atUs = new Map<number, number>();
  let next: number | undefined;
  const last = Math.max(0, ...delivered.map(({ batch }) => batch));
  const said = new Map(delivered.toReversed().map((line) => [line.batch, line.atUs]));
  for (let batch = last; batch > 0; batch--) {
    next = said.get(batch) ?? next;
    if (next !== undefined) atUs.set(batch, next);
  }
  return (batch) => atUs.get(batch);
}
