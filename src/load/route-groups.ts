import type { WorkerRoute } from '../routes/worker-route.ts';
import { connectorOf, memberLookup } from '../routes/connector-of.ts';
import { openingStatement } from '../routes/pooled-session.ts';
import { groupsOfLoad, isWriterOf, onlyReads } from '../scenario/words/groups.ts';
import { HarnessBug } from '../std/errors.ts';
import { preciseAlarm } from './alarm.ts';
import type { LoadClock } from './clock.ts';
import { Gate } from './gate.ts';
import { sharesOf } from './hold.ts';
import type { RouteTools } from './client-tools.ts';
import { from, paceOf } from './pace.ts';
import { makePacer } from './pacing.ts';
import type { WorkerSpec } from './protocol.ts';

interface Group {
  readonly route: WorkerRoute;
  /** Its writers in this worker. */
  readonly first: number;
  readonly writers: number;
  readonly tools: RouteTools;
}

/**
 * The clients of one worker by their routes. Each route has a schedule of its own, its clients' share of the load's rate: an
 * application whose writes hang does not hand them to another.
 */
export class RouteGroups {
  readonly #spec: WorkerSpec;
  readonly #groups: readonly Group[];
  /** In the order of the groups; none before the load begins. */
  #gates: readonly Gate[] = [];

  constructor(spec: WorkerSpec, signal: AbortSignal) {
    this.#spec = spec;
    this.#groups = spec.routes.flatMap((route) => groupOf(route, spec, signal) ?? []);
  }

  toolsOf(writer: number): RouteTools {
    return this.#groupOf(writer).tools;
  }

  begin(clock: LoadClock): void {
    this.#gates = this.#groups.map(
      (group) =>
        new Gate(makePacer({ clock, makeAlarm: preciseAlarm, ...this.#paceOf(group, clock) })),
    );
  }

  /** Once the load has begun. */
  gateOf(writer: number): Gate {
    const gate = this.#gates[this.#groups.indexOf(this.#groupOf(writer))];
    if (!gate) throw new HarnessBug('the load has not begun');
    return gate;
  }

  async hold(): Promise<void> {
    await Promise.all(this.#gates.map((gate) => gate.hold()));
  }

  /** Shares are proportional to a route's clients that write, so that every operation finds a free connection. */
  async allow(operations: number): Promise<void> {
    const shares = sharesOf(
      operations,
      this.#groups.map(({ first, writers }) => (this.#writes(first) ? writers : 0)),
    );
    await Promise.all(this.#gates.map((gate, index) => gate.allow(shares[index] ?? 0)));
  }

  resume(): void {
    for (const gate of this.#gates) gate.resume();
  }

  end(): void {
    for (const gate of this.#gates) gate.end();
  }

  /** `route`: of its clients alone. */
  overdue(route?: string): number {
    const own = this.#gates.filter((_, at) => {
      return route === undefined || this.#groups[at]?.route.name === route;
    });
    return own.reduce((sum, gate) => sum + gate.overdue(), 0);
  }

  describe(): string {
    return [...new Set(this.#groups.map(({ tools }) => tools.connector.describe()))].join('; ');
  }

  #writes(writer: number): boolean {
    const group = groupsOfLoad(this.#spec.load).find((each) => isWriterOf(writer, each));
    return !group || !onlyReads(group);
  }

  /** A replacement owes nothing of what was due before it came. */
  #paceOf(group: Group, clock: LoadClock): ReturnType<typeof paceOf> {
    const pace = paceOf(this.#spec, group);
    return this.#spec.instead ? from(pace, clock.nowUs()) : pace;
  }

  #groupOf(writer: number): Group {
    const found = this.#groups.find(
      ({ first, writers }) => writer >= first && writer < first + writers,
    );
    if (!found) throw new HarnessBug(`writer ${writer} has no route`);
    return found;
  }
}

/** Undefined where none of its writers is this worker's. */
function groupOf(route: WorkerRoute, spec: WorkerSpec, signal: AbortSignal): Group | undefined {
  const first = Math.max(route.firstWriter, spec.firstWriter);
  const end = Math.min(route.firstWriter + route.writers, spec.firstWriter + spec.writers);
  if (end <= first) return undefined;
  const { members, identities, credentials, load, worker } = spec;
  const options = { members, identities, credentials, deadlineMs: load.deadlineMs, signal };
  const connector = connectorOf(route, {
    ...options,
    applicationName: `forkpoint load ${worker}`,
  });
  const opening = {
    statement: openingStatement(credentials, 'transaction'),
    memberOf: memberLookup(options),
  };
  const tools = {
    connector,
    pool: route.pool,
    ...(route.pooling === 'transaction' && { opening }),
  };
  return { route, first, writers: end - first, tools };
}
