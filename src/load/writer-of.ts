import type { Workload, Writer } from '../contracts/workload.ts';
import type { WorkerSpec } from './protocol.ts';
import { tracked } from './tracked.ts';
import { withTransactionOptions } from './transaction-options.ts';

/** What writer `number` does: the workload's operations, as transactions of the load. */
export function writerOf(
  workload: Workload,
  { context, load }: Pick<WorkerSpec, 'context' | 'load'>,
  number: number,
): Writer {
  return withTransactionOptions(tracked(workload).writer(number, context), load);
}
