import type { Asked } from './wants.ts';

export interface ManifestOptions {
  readonly asked: Asked;
  /** Text of the cluster file, as the pod shall read it. */
  readonly clusterText: string;
  /** A name from scenarios/, or the text of a file. */
  readonly scenario: { readonly name: string; readonly text?: string };
  readonly image: string;
  /** Where Forkpoint runs. */
  readonly namespace: string;
  /** When the nightly runs, as cron writes it; absent: one run, as a Job. */
  readonly schedule?: string;
  /** The API server is older than 1.21, which has CronJobs as batch/v1beta1 only. */
  readonly isBefore121: boolean;
  /** With the rights that faults on nodes need. */
  readonly hasNodes: boolean;
}
