import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { bandwidth, positiveDuration } from '../src/std/units/units.ts';
import * as disk from './support/faulty-disk.ts';

const params = z
  .strictObject({
    area: disk.area,
    operations: disk.operations.default([...disk.everyOperation]),
    latency: positiveDuration
      .describe('How much longer each operation takes: 20ms.')
      .exactOptional(),
    throughput: bandwidth
      .refine((bytesPerSecond) => bytesPerSecond >= 1024, 'must be at least 1kB/s')
      .describe('The most that is read and written together: 1MB/s.')
      .exactOptional(),
  })
  .refine(
    ({ latency, throughput }) => latency !== undefined || throughput !== undefined,
    'needs latency, throughput or both',
  );

/** A disk that is worn, shared with a busy neighbour, or out of burst credits. */
const diskSlow: Fault<z.infer<typeof params>> = {
  summary: "Slows its targets' disk down: each operation waits longer, and for its turn.",
  params,
  example: { area: 'wal', latency: '20ms' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['io'],
  claims: ({ area }) => disk.disksOf(area).map(disk.diskName),
  inject: (targets, { area, operations, latency, throughput }, context) => {
    const rate = throughput === undefined ? {} : { bytesPerSecond: throughput };
    const wait = latency === undefined ? {} : { latencyMs: latency };
    const harm = { kind: 'slow', operations, ...wait, ...rate } as const;
    return disk.injectIo(targets, { area, harm }, context);
  },
  lapsed: (targets, { area }, context) => disk.ioLapse(targets, area, context),
};
export default diskSlow;
