import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockControl } from '../../contracts/cluster.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import { clockSettleMs, faketimeText } from '../../machine/faketime.ts';
import { clockFile } from './clock-file.ts';
import { hostPath } from './enter.ts';
import type { LabRecord } from './record.ts';

/** The clock of one member's Patroni and PostgreSQL; its etcd member keeps the host's. */
export function clockControl(record: LabRecord, node: string): ClockControl {
  const set = async (byMs: number) => {
    const file = hostPath(record, clockFile(node));
    try {
      // In one step: a process that looks now must not find half of it.
      await writeFile(`${file}.new`, faketimeText(byMs));
      await rename(`${file}.new`, file);
    } catch (cause) {
      throw new ClusterError(`${node}: its clock cannot be set: ${messageOf(cause)}`, { cause });
    }
    await sleep(clockSettleMs);
  };
  return { skew: set, reset: () => set(0) };
}
