import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { size } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { diskName } from './support/faulty-disk.ts';
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

/** A server that lives removes a segment of WAL or a temporary file now and then, and takes the space again. */
const slackBytes = 64 * 1024 * 1024;

/** A ballast file beside the data. The node has a disk of its own: the host's disk never fills. */
const diskFull: Fault<z.infer<typeof params>> = {
  summary:
    "Fills its targets' disk for tables or for WAL with a ballast file; removes the file to heal.",
  params,
  example: { area: 'data' },
  targets: 'nodes',
  claims: ({ area }) => [diskName(area)],
  effects: { servers: 'targets' },
  needs: () => ['disk'],

  async inject(targets, { area, leave }, { undo }) {
    const disks = targets.map((node) => node.disk ?? lacks(node, 'disks'));
    for (const { name } of targets) undo({ do: 'freeDisk', node: name, area });
    await allDone(disks.map((disk) => disk.fill(area, leave)));
    return { full: targets.map(({ name }) => name), area, leftBytes: leave };
  },

  lapsed: async (targets, { area, leave }) => {
    const look = (node: Machine) => (node.disk ?? lacks(node, 'disks')).look(area);
    const bare = await nodesWhere(targets, async (node) => !(await look(node)).hasBallast);
    if (bare !== undefined)
      return `the ballast file on the ${area} disk of ${bare} was removed from outside the run`;
    const roomy = await nodesWhere(targets, async (node) => {
      return (await look(node)).freeBytes > leave + slackBytes;
    });
    return roomy && `the ${area} disk of ${roomy} has room again: other files were removed`;
  },
};
export default diskFull;
