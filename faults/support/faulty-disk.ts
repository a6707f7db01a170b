import { z } from 'zod';
import type { DiskArea, IoHarm, IoOperation, Machine } from '../../src/contracts/cluster.ts';
import type { FaultContext, LookContext } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import { lacks } from '../../src/std/errors.ts';
import { allDone } from '../../src/std/wait.ts';
import { nodesWhere } from './still.ts';

/** Which of a node's disks. */
export const area = z
  .enum(['data', 'wal', 'both'])
  .describe('data: the disk of tables, indexes and control files; wal: the disk of pg_wal.');

export const everyOperation: readonly IoOperation[] = ['read', 'write', 'fsync'];

export const operations = z
  .array(z.enum(['read', 'write', 'fsync']))
  .min(1, 'names at least one of read, write, fsync')
  .refine((all) => new Set(all).size === all.length, 'names an operation twice');

type Area = z.infer<typeof area>;

export function disksOf(named: Area): readonly DiskArea[] {
  return named === 'both' ? ['data', 'wal'] : [named];
}

/** As the planner calls what one fault at a time can hold. */
export function diskName(named: DiskArea): string {
  return named === 'data' ? 'data disk' : 'WAL disk';
}

/** Registers the undo, and makes the disks of the targets faulty. */
export async function injectIo(
  targets: readonly Machine[],
  { area, harm }: { readonly area: Area; readonly harm: IoHarm },
  { undo, id }: FaultContext,
): Promise<Readonly<Record<string, Json>>> {
  const controls = targets.map((node) => node.io ?? lacks(node, "disks' operations"));
  const disks = disksOf(area);
  for (const { name } of targets) {
    for (const disk of disks) undo({ do: 'healIo', node: name, area: disk, tag: id });
  }
  // One disk of a node after the other: a node that refuses does so once.
  const harmed = controls.map(async (control) => {
    for (const disk of disks) await control.harm(disk, id, harm);
  });
  await allDone(harmed);
  return { faulty: targets.map(({ name }) => name), area, ...harm };
}

/** For `lapsed`: the settings were removed, or the layer over the disk has ended. */
export async function ioLapse(
  targets: readonly Machine[],
  named: Area,
  { id }: Pick<LookContext, 'id'>,
): Promise<string | undefined> {
  const where = await nodesWhere(targets, async (node) => {
    const control = node.io ?? lacks(node, "disks' operations");
    const held = await Promise.all(disksOf(named).map((disk) => control.holds(disk, id)));
    return held.includes(false);
  });
  return where && `the disks of ${where} were mended from outside the run`;
}
