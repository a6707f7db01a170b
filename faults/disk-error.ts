import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import * as disk from './support/faulty-disk.ts';

const params = z.strictObject({
  area: disk.area,
  /** `read` empties the page cache of the disk first: what it holds would be read without the disk. */
  operations: disk.operations,
});

/** A disk that fails what it is asked. PostgreSQL ends with a PANIC where WAL, or an fsync, fails, and recovers. */
const diskError: Fault<z.infer<typeof params>> = {
  summary: "Fails operations on its targets' disk with EIO: reads, writes or fsyncs.",
  params,
  example: { area: 'wal', operations: ['fsync'] },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['io'],
  claims: ({ area }) => disk.disksOf(area).map(disk.diskName),
  inject: (targets, { area, operations }, context) =>
    disk.injectIo(targets, { area, harm: { kind: 'error', operations } }, context),
  lapsed: (targets, { area }, context) => disk.ioLapse(targets, area, context),
};
export default diskError;
