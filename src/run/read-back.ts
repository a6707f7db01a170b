import path from 'node:path';
import type { Credentials } from '../contracts/cluster.ts';
import type { NodeReading, ReadBack } from '../contracts/evidence.ts';
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
  const { directory, convergence, signal } = options;
  const { ok, reason, ms, primary, timeline, nodes } = convergence;
  const truth = ok ? undefined : target.nodes.find(({ name }) => name === primary);
  const slots = truth && (await readSlots({ credentials: target.credentials, ...truth }, signal));
  const reading = await readBack({
    nodes: target.nodes,
    credentials: target.credentials,
    primary,
    converged: {
      ok,
      ms,
      ...(reason !== undefined && { reason }),
      ...(timeline !== undefined && { timeline }),
      ...(nodes && { nodes }),
      ...(slots && { slots }),
    },
    ...rowsOf(options),
  });
  await options.beforeStored?.();
  await writeWhole(path.join(directory, 'readback.json'), JSON.stringify(reading));
  return reading;
}

/** What a server beside the cluster has of the run's rows, read as those of a replica are. */
export async function readCopy(
  target: ReadTarget,
  credentials: Credentials,
  options: Omit<ReadRunOptions, 'convergence' | 'beforeStored'>,
): Promise<NodeReading> {
  const copy = { ...target, isDetached: true };
  const place = { nodes: [copy], credentials, primary: undefined, converged: { ok: true, ms: 0 } };
  const { nodes } = await readBack({ ...place, ...rowsOf(options) });
  const [reading] = nodes;
  if (!reading) throw new HarnessBug(`the read-back gave no reading of ${target.name}`);
  return reading;
}

/** What the run's clients have written, and where. */
function rowsOf({
  runId,
  directory,
  plan,
  registry,
  signal,
  moreWriters = 0,
}: Omit<ReadRunOptions, 'convergence'>) {
  const { load, verify } = plan.scenario;
  const [own, ...others] = placedWorkloads(plan, runId, registry);
  if (!own) throw new HarnessBug('the load has no workload');
  const ledger = buildLedger(journalPaths(directory), {
    runId,
    writers: load.clients + moreWriters,
    batch: mostRowsOf(load),
    hasDeletes: load.mix.delete > 0,
  });
  return {
    runId,
    signal,
    ...sourceOf(own),
    ...(others.length > 0 && { others: others.flatMap(groupTable) }),
    expectations: expectations(ledger),
    rowHash,
    content: verify.content,
    amcheck: verify.amcheck,
  };
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
