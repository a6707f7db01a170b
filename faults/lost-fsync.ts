import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import * as disk from './support/faulty-disk.ts';

const params = z.strictObject({
  area: disk.area.default('both'),
});

/**
 * A disk that lies: it says that it has flushed what it has not. Nothing is lost by that alone: what was not flushed goes
 * with the power, in a `power-cut` on the same node.
 */
const lostFsync: Fault<z.infer<typeof params>> = {
  summary: "Answers every fsync on its targets' disks at once, and flushes nothing.",
  params,
  targets: 'nodes',
  effects: { servers: 'none' },
  // On disks that are files: only these have a cache that a power cut empties.
  needs: () => ['io', 'power'],
  claims: ({ area }) => disk.disksOf(area).map(disk.diskName),
  inject: async (targets, { area }, context) => {
    const detail = await disk.injectIo(targets, { area, harm: { kind: 'lost-fsync' } }, context);
    // For the judge: what was acknowledged meanwhile was perhaps not on the disk.
    return { ...detail, losesFlushes: true };
  },
  lapsed: (targets, { area }, context) => disk.ioLapse(targets, area, context),
};
export default lostFsync;
