import { z } from 'zod';
import type { Machine, NameChange } from '../../src/contracts/cluster.ts';
import type { FaultContext, LookContext } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import { lacks } from '../../src/std/errors.ts';
import { nodesWhere } from './still.ts';

/** Whose questions are answered otherwise. */
export const from = z
  .enum(['all', 'clients', 'nodes'])
  .describe('Who gets this answer: all, clients or nodes.')
  .default('all');

/** Changes what is answered for the name of each target. Errors: ClusterError when who asks gets another answer. */
export async function changeNames(
  targets: readonly Machine[],
  { change, from: askers }: { readonly change: NameChange; readonly from: z.infer<typeof from> },
  { id, undo }: Pick<FaultContext, 'id' | 'undo'>,
): Promise<Json> {
  const names = targets.map(namesOf);
  for (const { name } of targets) undo({ do: 'restoreName', node: name, tag: id });
  for (const control of names) await control.change(id, change, askers);
  return { names: names.map(({ name }) => name), change, askers };
}

export async function nameLapse(
  targets: readonly Machine[],
  { id }: Pick<LookContext, 'id'>,
): Promise<string | undefined> {
  const where = await nodesWhere(targets, async (node) => !(await namesOf(node).holds(id)));
  return where && `what is answered for the name of ${where} was changed from outside the run`;
}

function namesOf(node: Machine) {
  return node.names ?? lacks(node, 'name');
}
