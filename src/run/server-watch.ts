import type { MemberState, Node, Topology } from '../contracts/cluster.ts';
import type { RunEvent } from '../contracts/evidence.ts';
import type { NewEvent } from '../evidence/events/event-log.ts';
import { monotonicMs } from '../std/wait.ts';
import type { Explained } from './explained.ts';

type Unplanned = Extract<NewEvent, { type: 'unplanned' }>;
type What = Extract<RunEvent, { type: 'unplanned' }>['what'];

/** A shorter silence may only mean that the server is busy. */
const silentMs = 1_000;

interface Seen {
  startedAt: string | undefined;
  processesSince: string | undefined;
  /** On `monotonicMs`. */
  atMs: number;
  /** It does not answer, and no step explains that so far. */
  isSilent: boolean;
  /** Its end has been reported. */
  hasEnded: boolean;
}

/**
 * Reports servers that end or start without a step of the run. A start shows in pg_postmaster_start_time(); an end in the
 * processes of a server that does not answer, since silence alone is no end.
 */
export class ServerWatch {
  readonly #nodes: readonly Node[];
  readonly #explained: Explained;
  readonly #emit: (event: Unplanned) => void;
  readonly #seen = new Map<string, Seen>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(nodes: readonly Node[], explained: Explained, emit: (event: Unplanned) => void) {
    this.#nodes = nodes;
    this.#explained = explained;
    this.#emit = emit;
  }

  looked(topology: Topology, nowMs = monotonicMs()): void {
    this.#explained.looked(topology, nowMs);
    for (const member of topology.members) {
      if (member.role === 'down') this.#silent(member.node, nowMs);
      else if (member.startedAt !== undefined) this.#answered(member, nowMs);
    }
  }

  /** At the end of the run: a server that still does not answer has ended, or its state is unknown. */
  async end(): Promise<void> {
    await Promise.all(this.#asking.values());
    const silent = [...this.#seen].filter(([, seen]) => seen.isSilent && !seen.hasEnded);
    for (const [node, seen] of silent) {
      const isRunning = await this.#isRunning(node);
      if (isRunning === false) this.#tell(node, 'ended', seen);
      if (isRunning === undefined) this.#tell(node, 'unknown', seen);
    }
  }

  #answered({ node, startedAt, processesSince }: MemberState, atMs: number): void {
    const before = this.#seen.get(node);
    if (before) {
      const isStarted = before.startedAt !== startedAt;
      const isCrashed = !isStarted && isOther(before.processesSince, processesSince);
      // A start after a reported end belongs to that end.
      if (isStarted && before.hasEnded) this.#tell(node, 'started', before, atMs);
      else if ((isStarted || isCrashed) && !this.#explained.explains(node))
        this.#tell(node, isStarted ? 'started' : 'crashed', before, atMs);
    }
    const since =
      processesSince ?? (before?.startedAt === startedAt ? before?.processesSince : undefined);
    this.#seen.set(node, {
      startedAt,
      processesSince: since,
      atMs,
      isSilent: false,
      hasEnded: false,
    });
  }

  #silent(node: string, nowMs: number): void {
    const seen = this.#seen.get(node);
    if (!seen || seen.hasEnded) return;
    seen.isSilent = !this.#explained.explains(node);
    if (!seen.isSilent || nowMs - seen.atMs < silentMs || this.#asking.has(node)) return;
    const asked = this.#isRunning(node).then((isRunning) => {
      this.#asking.delete(node);
      const isCurrent = this.#seen.get(node) === seen && !this.#explained.explains(node);
      if (isRunning === false && isCurrent) this.#tell(node, 'ended', seen, nowMs);
    });
    this.#asking.set(node, asked);
  }

  #tell(node: string, what: What, seen: Seen, nowMs = monotonicMs()): void {
    seen.hasEnded = what === 'ended';
    this.#emit({
      type: 'unplanned',
      node,
      what,
      agoMs: Math.max(0, Math.round(nowMs - seen.atMs)),
    });
    this.#explained.follow(node);
  }

  /** Undefined: unknown. */
  async #isRunning(node: string): Promise<boolean | undefined> {
    const control = this.#nodes.find(({ name }) => name === node)?.process;
    return control?.isRunning('postgres').catch(() => undefined);
  }
}

function isOther(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && before !== now;
}
