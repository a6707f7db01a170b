import type { Proxy } from '../../routes/proxies.ts';

/** One proxy of a lab: what it is started with. */
export interface LabProxy {
  readonly kind: Proxy['kind'];
  readonly place: string;
  readonly program: string;
  readonly config: string;
  readonly port: number;
  /** PgBouncer's list of users; the only place of a password. */
  readonly users?: string;
}
