import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { size } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({
  /**
   * `data`: tables and indexes, where a write that needs a new page is refused and nothing else happens. `wal`: the disk
   * of pg_wal, where PostgreSQL can only PANIC, and does so again at every start until there is room.
   */
  area: z.enum(['data', 'wal']),
  /** Space that is left. */
  leave: size.default(0),
});

/** A file of ballast beside the data. The node's disk is its own: the host's never fills. */
const diskFull: Fault<z.infer<typeof params>> = {
  summary: "Fills its targets' disk for tables or for WAL; frees what it took to heal.",
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
    return where && `the ballast is gone from the ${area} disk of ${where}, removed by others`;
  },
};
export default diskFull;
