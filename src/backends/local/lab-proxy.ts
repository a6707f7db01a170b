import type { MadeProxy } from '../../routes/made-proxy.ts';

/** One proxy of a lab: what it is started with. */
export interface LabProxy extends MadeProxy {
  readonly program: string;
}
