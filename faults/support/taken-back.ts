import type { Cluster } from '../../src/contracts/cluster.ts';
import type { FaultContext, LookContext } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import type { ObjectChange, PreparedChange } from '../../src/contracts/objects.ts';
import { lacks } from '../../src/std/errors.ts';
import { allDone } from '../../src/std/wait.ts';

/** Registers what takes each change back, then makes them all. Two of one object are one. Returns what can be journaled. */
export async function makeChanges(
  prepared: readonly PreparedChange[],
  { undo, signal }: Pick<FaultContext, 'undo' | 'signal'>,
): Promise<readonly ObjectChange[]> {
  const each = [...new Map(prepared.map((one) => [one.change.path, one])).values()];
  for (const { change } of each) undo({ do: 'takeBack', change });
  await allDone(each.map((one) => one.make(signal)));
  return each.map(({ change }) => change);
}

/** Why one of these is no longer in force; undefined: all are. */
export async function changesLapse(
  changes: readonly ObjectChange[],
  cluster: Cluster,
): Promise<string | undefined> {
  const objects = objectsOf(cluster);
  for (const change of changes) {
    if (!(await objects.holds(change)))
      return `${change.what}: it was changed back from outside the run`;
  }
  return undefined;
}

/** Of the detail that `inject` returned. */
export function changesIn({ detail }: Pick<LookContext, 'detail'>): readonly ObjectChange[] {
  return (detail as unknown as { readonly changes: readonly ObjectChange[] }).changes;
}

export function journaled(changes: readonly ObjectChange[]): Json {
  return JSON.parse(JSON.stringify(changes)) as Json;
}

function objectsOf(cluster: Cluster) {
  return cluster.objects ?? lacks({ name: cluster.id }, 'API of Kubernetes');
}
