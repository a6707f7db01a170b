import type { Anomaly } from '../../contracts/result.ts';
import type { PrimaryVerdict } from './fates.ts';
import type { ReplicaJudgement, WriterRows } from './replica.ts';
import type { ServerIds } from './server-ids.ts';
import { rangesOf } from '../../std/ranges.ts';

/** Enough to find the place; the numbers in `writes` and `replicas` count them all. */
const mostNamed = 1000;

interface Judgements {
  /** Name of the final primary; undefined when there was none. */
  readonly primary: string | undefined;
  readonly fates: PrimaryVerdict;
  readonly serverIds: ServerIds | undefined;
  readonly replicas: readonly ReplicaJudgement[];
}

/** Names the rows behind every number that is neither a success nor a loss, which has ranges of its own. */
export function anomaliesOf({
  primary,
  fates,
  serverIds,
  replicas,
}: Judgements): readonly Anomaly[] {
  const node = primary ?? '';
  const named = [
    ...fates.unexpected.map(({ writer, from, to, why }): Anomaly => {
      return { kind: 'unexpected', node, writer, from, to, why };
    }),
    ...fates.duplicated.map(({ writer, seq, copies }): Anomaly => {
      return { kind: 'duplicated', node, writer, from: seq, to: seq, why: `${copies} copies` };
    }),
    ...corruptedRanges(fates, node),
    ...(serverIds?.reissuedIds ?? []).flatMap(({ id, writes }) =>
      writes.map(({ writer, seq }): Anomaly => {
        return { kind: 'reissued', node, writer, from: seq, to: seq, why: `id ${id}` };
      }),
    ),
    ...replicas.flatMap(replicaAnomalies),
  ];
  return named.slice(0, mostNamed);
}

function corruptedRanges({ corrupted }: PrimaryVerdict, node: string): Anomaly[] {
  const byWriter = Map.groupBy(corrupted, ({ writer }) => writer);
  return [...byWriter].flatMap(([writer, rows]) =>
    ranges('corrupted', node, [{ writer, rows: rangesOf(rows.map(({ seq }) => seq)) }]),
  );
}

function replicaAnomalies({
  verdict,
  missing,
  extra,
  corrupted,
  stale,
}: ReplicaJudgement): Anomaly[] {
  return [
    ...ranges('missing', verdict.node, missing),
    ...ranges('extra', verdict.node, extra),
    ...ranges('corrupted', verdict.node, corrupted),
    ...ranges('stale', verdict.node, stale),
  ];
}

function ranges(kind: Anomaly['kind'], node: string, writers: readonly WriterRows[]): Anomaly[] {
  return writers.flatMap(({ writer, rows }) =>
    rows.map(([from, to]): Anomaly => ({ kind, node, writer, from, to, why: null })),
  );
}
