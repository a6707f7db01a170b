import type { Machine, Shape } from '../../src/contracts/cluster.ts';
import type { FaultContext, LookContext } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import { lacks } from '../../src/std/errors.ts';
import { allDone } from '../../src/std/wait.ts';
import { nodesWhere } from './still.ts';

/** Registers the undo and shapes what the targets send. Returns the means used, for events.jsonl. */
export async function injectShape(
  targets: readonly Machine[],
  shape: Shape,
  { undo, id }: FaultContext,
): Promise<Json> {
  const controls = targets.map((node) => node.shaping ?? lacks(node, 'shaping'));
  for (const { name } of targets) undo({ do: 'unshape', node: name, tag: id });
  const means = await allDone(controls.map((control) => control.shape(id, shape)));
  return {
    ...shape,
    means: Object.fromEntries(means.map((one, at) => [targets[at]?.name ?? '', one])),
  };
}

/** For `lapsed`: the queues of the device were replaced, for example, or the relay was ended. */
export async function shapeLapse(
  targets: readonly Machine[],
  { id }: Pick<LookContext, 'id'>,
): Promise<string | undefined> {
  const where = await nodesWhere(targets, async (node) => {
    return !(await (node.shaping ?? lacks(node, 'shaping')).holds(id));
  });
  return where && `its queues on ${where} were removed from outside the run`;
}
