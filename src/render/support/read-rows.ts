import { fineSeconds, grouped, milliseconds, seconds } from './format.ts';
import type { ReadDurations, Result, StepBackRead } from '../../contracts/result.ts';

export const readHead = ['node', 'reads', 'oldest state', 'when', 'half of the reads'];

/** How old the state was that reads of each node saw. */
export function readRows({ reads }: Pick<Result, 'reads'>): readonly (readonly string[])[] {
  return (reads?.nodes ?? []).map(({ node, reads: count, staleness, medianMs }) => [
    ...[node, grouped(count), ageWords(staleness)],
    staleness.atLeastMs === 0 ? '' : seconds(staleness.atMs),
    medianMs === 0 ? 'up to date' : `${fineSeconds(medianMs)} or more`,
  ]);
}

/** Reads of a session that went back in time, in sentences. */
export function stepBackSentences({ reads }: Pick<Result, 'reads'>): readonly string[] {
  if (!reads || reads.stepsBack.reads === 0) return [];
  const { stepsBack } = reads;
  const [first] = stepsBack.first;
  const onOne =
    stepsBack.onConnection === 0 ? '' : `, ${grouped(stepsBack.onConnection)} on one connection`;
  return [
    `${grouped(stepsBack.reads)} of ${grouped(reads.reads)} reads showed an older state than an earlier ` +
      `read of the same session${onOne}.`,
    ...(first ? [stepBackSentence(first)] : []),
  ];
}

/** What the load's clients read, and whether they saw their own writes. */
export function clientReadSentences({ reads }: Pick<Result, 'reads'>): readonly string[] {
  const { clients, ownWrites } = reads ?? {};
  if (!clients || !ownWrites) return [];
  const { answered, failed } = clients;
  const [first] = ownWrites.first;
  const example = first
    ? ` The first: ${first.session} on ${first.node} at ${seconds(first.atMs)}, row ${first.seq}.`
    : '';
  const ofOwn = `${grouped(ownWrites.notSeen)} of ${grouped(ownWrites.reads)} did not show the client's own last acknowledged write.${example}`;
  return [
    `Clients got ${grouped(answered)} reads answered, and ${grouped(failed)} failed. ` +
      (ownWrites.reads === 0 ? 'None was of a client that had written.' : ofOwn),
  ];
}

/** How long reads took, of readers and of clients. */
export function readTimeSentences({ reads }: Pick<Result, 'reads'>): readonly string[] {
  const { readers, clients } = reads?.times ?? {};
  return [
    ...(readers ? [`Readers: ${durationWords(readers)}`] : []),
    ...(clients ? [`Reads by clients: ${durationWords(clients)}`] : []),
  ];
}

function durationWords({ answered, failed, latencyMs, serviceMs }: ReadDurations): string {
  const counts = `${grouped(answered)} answered, ${grouped(failed)} failed`;
  if (!latencyMs || !serviceMs) return `${counts}.`;
  const { p50, p95, p99, max } = latencyMs;
  const figures = [p50, p95, p99, max].map(milliseconds);
  const [of50, of95, of99, longest] = figures;
  return (
    `${counts}; from the intended start p50 ${of50}, p95 ${of95}, p99 ${of99}, longest ${longest}; ` +
    `from sending p50 ${milliseconds(serviceMs.p50)}, p99 ${milliseconds(serviceMs.p99)}.`
  );
}

/** One line per node, for a terminal. */
export function readLines(result: Pick<Result, 'reads'>): readonly string[] {
  const { reads } = result;
  return [
    ...(reads?.nodes ?? []).map(
      ({ node, reads: count, staleness, medianMs }) =>
        `${node}: ${grouped(count)} reads, oldest state ${ageWords(staleness)}, half of them ` +
        (medianMs === 0 ? 'up to date' : `${fineSeconds(medianMs)} or more behind`),
    ),
    ...readTimeSentences(result),
    ...clientReadSentences(result),
    ...stepBackSentences(result),
    ...(reads?.missing ?? []).map((why) => `reads are missing: ${why}`),
  ];
}

function ageWords({
  atLeastMs,
  atMostMs,
}: {
  readonly atLeastMs: number;
  readonly atMostMs: number;
}): string {
  if (atMostMs === 0) return 'up to date';
  return `${fineSeconds(atLeastMs)} to ${fineSeconds(atMostMs)}`;
}

function stepBackSentence({ session, node, atMs, before, byMs }: StepBackRead): string {
  const by = byMs === null ? '' : `${fineSeconds(byMs)} `;
  return (
    `The first: ${session} read ${before.node} at ${seconds(before.atMs)}, then ${node} at ${seconds(atMs)}, ` +
    `and saw a state that was ${by}older.`
  );
}
