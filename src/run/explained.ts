import type { Topology } from '../contracts/cluster.ts';
import type { Fault } from '../contracts/fault.ts';
import type { FaultStep } from '../contracts/scenario.ts';
import type { NewEvent } from '../evidence/events/event-log.ts';
import { obstacle } from './converge.ts';

/** Patroni reacts to the effects of a fault within a loop and its retries: for this long after the cluster is healthy again. */
const settledMs = 20_000;

interface Excuse {
  /** Nodes whose servers may end or start because of it; undefined: every node. */
  nodes: Set<string> | undefined;
  /** The leader when it began. */
  readonly leader: string | undefined;
  /** In force only until its injection has ended: nothing is left to heal. */
  isBrief: boolean;
  /** No longer in force; its effects may go on. */
  isOver: boolean;
  wholeSinceMs?: number;
}

/**
 * Which ends and starts of servers the steps of a run explain: those under a fault in force, and its effects until the
 * cluster has been healthy again for a while. Times are on `monotonicMs`.
 */
export class Explained {
  readonly #faults: ReadonlyMap<string, Fault>;
  readonly #steps: readonly FaultStep[];
  readonly #excuses = new Map<string, Excuse>();
  #leader: string | undefined;

  constructor(faults: ReadonlyMap<string, Fault>, steps: readonly FaultStep[]) {
    this.#faults = faults;
    this.#steps = steps;
  }

  /** Receives every event of the faults, in order. */
  note(event: NewEvent): void {
    if (event.type === 'inject') {
      this.#begin(event);
      return;
    }
    const excuse = 'id' in event ? this.#excuses.get(event.id ?? '') : undefined;
    if (!excuse) return;
    if (event.type === 'undo') excuse.isBrief &&= this.#runsOn(event.id);
    if (event.type === 'injected') excuse.isOver = excuse.isBrief;
    if (event.type === 'notCarriedOut' || event.type === 'healed') excuse.isOver = true;
  }

  /** For a server that ended without a step of the run: Patroni restarts it, and perhaps others, until the cluster is healthy. */
  follow(node: string): void {
    this.#excuses.set(`unplanned ${node}`, {
      nodes: new Set([node]),
      leader: this.#leader,
      isBrief: true,
      isOver: true,
    });
  }

  looked(topology: Topology, nowMs: number): void {
    const isWhole = obstacle(topology) === undefined;
    this.#leader = topology.leader ?? this.#leader;
    for (const [id, excuse] of this.#excuses) {
      widen(excuse, topology);
      if (!excuse.isOver || !isWhole) delete excuse.wholeSinceMs;
      else if (nowMs - (excuse.wholeSinceMs ??= nowMs) >= settledMs) this.#excuses.delete(id);
    }
  }

  explains(node: string): boolean {
    return [...this.#excuses.values()].some(({ nodes }) => nodes?.has(node) ?? true);
  }

  #begin({ id, targets, effects, isHarmless }: Extract<NewEvent, { type: 'inject' }>): void {
    const servers = effects?.servers ?? 'any';
    if (servers === 'none' || isHarmless === true) return;
    const isOfTargets = servers === 'targets' && targets.length > 0;
    const leader = this.#leader;
    this.#excuses.set(id, {
      // A leader that the fault affects without being a target is demoted, and therefore restarted.
      nodes: isOfTargets
        ? new Set([...targets, ...(leader === undefined ? [] : [leader])])
        : undefined,
      leader,
      isBrief: true,
      isOver: false,
    });
  }

  /** Whether its undo only confirms what happens by itself. */
  #runsOn(id: string): boolean {
    const step = this.#steps.find((each) => each.id === id);
    if (!step) return false;
    return this.#faults.get(step.fault)?.processes?.(step.params).become === 'alive';
  }
}

/** Once another node leads, Patroni may rewind or restart any node. */
function widen(excuse: Excuse, { leader, members }: Topology): void {
  const primaries = members.filter(({ role }) => role === 'primary').map(({ node }) => node);
  const hasAnother = [leader, ...primaries].some(
    (node) => node !== undefined && node !== excuse.leader,
  );
  if (hasAnother) excuse.nodes = undefined;
}
