import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import * as disk from './support/faulty-disk.ts';

const params = z.strictObject({
  area: disk.area,
  /** Those that hang; the others go on. A read that the page cache can answer needs no disk. */
  operations: disk.operations.default([...disk.everyOperation]),
});

/**
 * A controller, a volume or a file server that stopped to answer. No operation fails: each waits, its process cannot be
 * killed meanwhile, and goes on when the disk does.
 */
const diskStall: Fault<z.infer<typeof params>> = {
  summary: "Stalls its targets' disk without an error: what reaches it waits until the heal.",
  params,
  example: { area: 'wal' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['io'],
  claims: ({ area }) => disk.disksOf(area).map(disk.diskName),
  inject: (targets, { area, operations }, context) =>
    disk.injectIo(targets, { area, harm: { kind: 'stall', operations } }, context),
  lapsed: (targets, { area }, context) => disk.ioLapse(targets, area, context),
};
export default diskStall;
