import type { ReadTimes } from '../../contracts/observation.ts';
import type { GroupResult, Result } from '../../contracts/result.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import { GroupIndex } from '../../evidence/figures/group-index.ts';
import { LatencyRecorder } from '../../evidence/figures/latency-recorder.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import { groupsOfLoad } from '../../scenario/words/groups.ts';
import { durationsOf } from '../reads/read-times.ts';
import type { Coverage } from './coverage.ts';
import { throughputOf } from './throughput.ts';

/** What the clients of each group did, collected in the ledger's own pass. */
export class GroupLog implements JournalVisitor {
  readonly tallies: readonly GroupTally[];
  readonly #index: GroupIndex;

  constructor(load: LoadSpec) {
    const groups = groupsOfLoad(load);
    this.#index = new GroupIndex(groups);
    this.tallies = groups.map(() => new GroupTally((load.warmupMs ?? 0) * 1000));
  }

  records(batch: RecordBatch): void {
    for (let index = 0; index < batch.length; index++) {
      this.tallies[this.#index.of(batch.writer[index] ?? -1)]?.add(batch, index);
    }
  }
}

class GroupTally {
  readonly latency = new LatencyRecorder();
  readonly service = new LatencyRecorder();
  readonly warmup = { operations: 0, acknowledged: 0 };
  readonly #warmupUs: number;
  operations = 0;
  /** Writes. */
  acknowledged = 0;

  constructor(warmupUs: number) {
    this.#warmupUs = warmupUs;
  }

  add(batch: RecordBatch, index: number): void {
    const [answeredUs, totalUs] = [batch.answeredUs[index] ?? 0, batch.totalUs[index] ?? 0];
    const isAcknowledged = batch.outcome[index] === OUTCOME.acknowledged;
    const writes = isAcknowledged ? (batch.count[index] ?? 0) : 0;
    this.operations++;
    this.acknowledged += writes;
    if (answeredUs - totalUs < this.#warmupUs) {
      this.warmup.operations++;
      this.warmup.acknowledged += writes;
    } else if (isAcknowledged) {
      this.latency.record(totalUs);
      this.service.record(answeredUs - (batch.sentUs[index] ?? 0));
    }
  }
}

export interface GroupEvidence {
  readonly load: LoadSpec;
  readonly facts: Pick<RunFacts, 'loadMs' | 'stoppedMs' | 'held'>;
  readonly coverage: Coverage;
  /** Undefined: the load has no groups. */
  readonly log: GroupLog | undefined;
  /** Of reads; undefined: none, or not measured. */
  readonly times?: readonly ReadTimes[] | undefined;
}

/** What each group was asked for, and got. */
export function groupResults(evidence: GroupEvidence): Pick<Result, 'groups'> {
  const { load, facts, coverage, log, times = [] } = evidence;
  if (!log) return {};
  const isKnown = coverage === 'all';
  const { durationMs, warmupMs } = load;
  const groups = (load.groups ?? []).flatMap((group, at): GroupResult[] => {
    const tally = log.tallies[at];
    if (!tally) return [];
    const { clients, name, ratePerSecond, workload, site } = group;
    const own = times.filter((each) => each.group === name);
    // Reads are operations, too, and are in no journal.
    const reads = own.reduce((sum, { answered, failed }) => sum + answered + failed, 0);
    const durations = group.clientReads && durationsOf(own, warmupMs ?? 0);
    const operations = isKnown ? tally.operations + reads : null;
    const profile = { durationMs, warmupMs, ratePerSecond } as LoadSpec;
    const { ackedPerSecond, planned } = throughputOf(facts, {
      load: profile,
      acknowledged: isKnown ? tally.acknowledged : null,
      operations,
      latencies: { summary: () => ({}), warmup: tally.warmup },
    });
    return [
      {
        name,
        clients,
        ackedPerSecond,
        ...(planned && { planned }),
        operations,
        latencyMs: tally.latency.summary() ?? null,
        serviceMs: tally.service.summary() ?? null,
        ...(durations && { reads: durations }),
        ...(workload !== undefined && { workload }),
        ...(site !== undefined && { site }),
      },
    ];
  });
  return { groups };
}
