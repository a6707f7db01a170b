import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { size } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({
  /**
   * `data`: tables and indexes: a write that needs a new page is refused, and nothing else happens. `wal`: the disk of
   * pg_wal: PostgreSQL can only PANIC, again at every start until there is room.
   */
  area: z.enum(['data', 'wal']),
  /** Space to leave free. */
  leave: size.default(0),
});

/** A ballast file beside the data. The node has a disk of its own: the host's disk never fills. */
const diskFull: Fault<z.infer<typeof params>> = {
  summary:
    "Fills its targets' disk for tables or for WAL with a ballast file; removes the file to heal.",
  params,
  example: { area: 'data' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['disk'],

  async inject(targets, { area, leave }, { undo }) {
    const disks = targets.map((node) => node.disk ?? lacks(node, 'disks'));
    for (const { name } of targets) undo({ do: 'freeDisk', node: name, area });
    await allDone(disks.map((disk) => disk.fill(area, leave)));
    return { full: targets.map(({ name }) => name), area, leftBytes: leave };
  },

  lapsed: async (targets, { area }) => {
    const where = await nodesWhere(targets, async (node) => {
      return !(await (node.disk ?? lacks(node, 'disks')).isFilled(area));
    });
    return (
      where && `the ballast file on the ${area} disk of ${where} was removed from outside the run`
    );
  },
};
export default diskFull;
