import path from 'node:path';
import type { Credentials } from '../contracts/cluster.ts';
import type { ReadBack } from '../contracts/evidence.ts';
import type { Registry } from '../contracts/registry.ts';
import type { Plan } from '../contracts/scenario.ts';
import { journalPaths } from '../evidence/journal/journal.ts';
import { expectations } from '../judge/ledger/expected.ts';
import { buildLedger } from '../judge/ledger/ledger.ts';
import type { GroupTable, ReadTarget } from '../evidence/readback/options.ts';
import { readBack } from '../evidence/readback/read-back.ts';
import { readSlots } from '../evidence/readback/read-slots.ts';
import { rowHash } from '../pg/checksum.ts';
import { tracked } from '../load/tracked.ts';
import { mostRowsOf } from '../scenario/words/groups.ts';
import type { Convergence } from './converge.ts';
import { placedWorkloads, type RunWorkload } from '../load/placed-workloads.ts';
import { HarnessBug } from '../std/errors.ts';
import { writeWhole } from '../std/write-whole.ts';

export interface ReadRunOptions {
  readonly runId: string;
  readonly directory: string;
  readonly plan: Plan;
  readonly registry: Registry;
  readonly convergence: Convergence;
  readonly signal: AbortSignal;
  /** Of workers that came in the place of lost ones; default: none. */
  readonly moreWriters?: number;
  /** Called once everything is read, before readback.json is written. */
  readonly beforeStored?: () => Promise<void>;
}

/** Reads a run's rows back from every node and stores the findings as readback.json. */
export async function readRunBack(
  target: {
    readonly nodes: readonly ReadTarget[];
    readonly credentials: Credentials;
  },
  options: ReadRunOptions,
): Promise<ReadBack> {
  const { runId, directory, convergence, signal } = options;
  const { load, verify } = options.plan.scenario;
  const [own, ...others] = placedWorkloads(options.plan, runId, options.registry);
  if (!own) throw new HarnessBug('the load has no workload');
  const ledger = buildLedger(journalPaths(directory), {
    runId,
    writers: load.clients + (options.moreWriters ?? 0),
    batch: mostRowsOf(load),
    hasDeletes: load.mix.delete > 0,
  });
  const { ok, reason, ms, primary, timeline, nodes } = convergence;
  const truth = ok ? undefined : target.nodes.find(({ name }) => name === primary);
  const slots = truth && (await readSlots({ credentials: target.credentials, ...truth }, signal));
  const reading = await readBack({
    runId,
    nodes: target.nodes,
    credentials: target.credentials,
    primary,
    signal,
    converged: {
      ok,
      ms,
      ...(reason !== undefined && { reason }),
      ...(timeline !== undefined && { timeline }),
      ...(nodes && { nodes }),
      ...(slots && { slots }),
    },
    ...sourceOf(own),
    ...(others.length > 0 && { others: others.flatMap(groupTable) }),
    expectations: expectations(ledger),
    rowHash,
    content: verify.content,
    amcheck: verify.amcheck,
  });
  await options.beforeStored?.();
  await writeWhole(path.join(directory, 'readback.json'), JSON.stringify(reading));
  return reading;
}

/** Where a workload has its rows. */
function sourceOf({ load, workload, context }: RunWorkload) {
  return {
    schema: context.schema,
    table: tracked(workload).table(load.params),
    invariants: workload.invariants?.(context) ?? [],
  };
}

function groupTable(placed: RunWorkload): readonly GroupTable[] {
  const { group, has } = placed;
  return group === undefined ? [] : [{ group, has, ...sourceOf(placed) }];
}
