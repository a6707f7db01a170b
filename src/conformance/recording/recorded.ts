import type { PreparedChange, Rule } from '../../contracts/cluster.ts';

/** What a harm or an undo left behind, by node. */
export interface RecordedState {
  readonly rules: Map<string, readonly Rule[]>;
  readonly stopped: Set<string>;
}

/** What was done to a recording cluster, and what is left of it. */
export class Recorded {
  readonly log: string[] = [];
  readonly state: RecordedState = { rules: new Map(), stopped: new Set() };
  /** The harm of this node fails before it happens. */
  failOn: string | undefined;
  hasRefused = false;

  /** Harm takes a moment, so that a failure of one node overtakes the harm of another. */
  async harm(owner: string, what: string): Promise<string> {
    if (owner === this.failOn) {
      this.hasRefused = true;
      throw new Error(`${owner} refuses`);
    }
    await new Promise((resolve) => setImmediate(resolve));
    this.log.push(`${owner}: ${what}`);
    return what;
  }

  prepared(owner: string, what: string): PreparedChange {
    return {
      change: { what, path: `/${what}` },
      make: async () => {
        await this.harm(owner, what);
        this.state.stopped.add(`/${what}`);
      },
    };
  }
}
