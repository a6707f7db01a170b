import type { Cluster } from '../contracts/cluster.ts';
import type { RunEvent } from '../contracts/evidence.ts';
import type { Undo } from '../contracts/fault.ts';
import { messageOf } from '../std/errors.ts';
import { appendHeal, readHeals, unhealed } from '../evidence/events/heals.ts';
import { applyUndo } from './apply-undo.ts';

const undoTimeoutMs = 30_000;

/** The outcome of one step. `why`: the reason of its failure. */
export interface Undone {
  readonly id: string;
  readonly step: Undo;
  readonly why?: string;
}

/** A stored run whose harness is dead. */
export interface DeadRun {
  readonly directory: string;
  readonly events: readonly RunEvent[];
}

/** Injections of a stored run that are not healed yet. */
export function leftOf({ directory, events }: DeadRun): readonly string[] {
  return unhealed(events, readHeals(directory));
}

/**
 * Undoes what a dead harness could not, from what it journaled before each injection: newest first, each step harmless if
 * there is nothing to undo, and all of them tried. Each is written to heals.jsonl.
 */
export async function healLeftovers(
  cluster: Cluster,
  run: DeadRun,
  onStep: (undone: Undone) => void = () => undefined,
): Promise<readonly Undone[]> {
  const ids = leftOf(run);
  const all: Undone[] = [];
  for (const { id, step } of stepsOf(run.events, ids)) {
    const undone = { id, step, ...(await failureOf(step, cluster)) };
    appendHeal(run.directory, heard(undone));
    all.push(undone);
    onStep(undone);
  }
  for (const id of ids.toReversed()) {
    const isHealed = all.every((undone) => undone.id !== id || undone.why === undefined);
    if (isHealed) appendHeal(run.directory, { type: 'healed', id });
  }
  return all;
}

/** Newest first: the reverse of the order of injection. */
function stepsOf(events: readonly RunEvent[], ids: readonly string[]) {
  return events
    .filter((event) => event.type === 'undo')
    .filter(({ id }) => ids.includes(id))
    .toReversed();
}

async function failureOf(step: Undo, cluster: Cluster): Promise<{ readonly why?: string }> {
  try {
    await applyUndo(step, { cluster, signal: AbortSignal.timeout(undoTimeoutMs) });
    return {};
  } catch (error) {
    return { why: messageOf(error) };
  }
}

function heard({ id, step, why }: Undone) {
  return why === undefined
    ? ({ type: 'undone', id, step } as const)
    : ({ type: 'failed', id, step, why } as const);
}

/** `clearRules of pg1`, for people. */
export function describeStep(step: Undo): string {
  if ('node' in step) return `${step.do} on ${step.node}`;
  if ('change' in step) return `${step.do} of ${step.change.what}`;
  return 'member' in step ? `${step.do} of ${step.member}` : step.do;
}
