import type { PoolSpec } from '../contracts/route.ts';
import type { Statement } from '../contracts/workload.ts';
import type { JournalWriter } from '../evidence/journal/writer.ts';
import type { Connector } from '../routes/connector.ts';
import type { ServerAddress } from '../routes/identity.ts';
import type { LoadClock } from './clock.ts';
import type { Gate } from './gate.ts';
import type { Retrying } from './retrying.ts';
import type { Tally } from './tally.ts';

/** What the clients of one route share. */
export interface RouteTools {
  readonly connector: Connector;
  readonly pool: PoolSpec;
  /** Behind a pooler of transactions; absent: a connection leads to one server. */
  readonly opening?: {
    readonly statement: Statement;
    memberOf(server: ServerAddress): number | undefined;
  };
}

/** Shared by the connections of one worker. */
export interface ClientTools {
  readonly clock: LoadClock;
  readonly gate: Gate;
  readonly tally: Tally;
  /** undefined: nothing is journaled. */
  readonly journal: JournalWriter | undefined;
  readonly deadlineUs: number;
  /** What this client does before each operation; absent: nothing. */
  readonly think?: (() => Promise<void>) | undefined;
  /** How it sends again what failed for a moment; absent: never. */
  readonly retry?: Retrying | undefined;
  /** Operations that a client has in progress at most. */
  readonly pipeline: number;
}
