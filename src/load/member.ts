import type { Endpoint } from '../contracts/cluster.ts';

/** One node as the load's clients reach it. */
export interface Member {
  readonly name: string;
  readonly endpoint: Endpoint;
}
