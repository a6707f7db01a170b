import type { Cluster, Node } from '../../contracts/cluster.ts';
import { messageOf } from '../../std/errors.ts';

/** Patroni tries a rewind again: the wait is no longer than a reader would take for a hang. */
const mostMs = 60_000;

/** Holds the rewind of every node, of each until it is let go. */
export class RejoinHold implements AsyncDisposable {
  readonly #nodes: readonly Node[];
  readonly #note: (what: string) => void;
  readonly #free = new Set<string>();

  private constructor(nodes: readonly Node[], note: (what: string) => void) {
    this.#nodes = nodes;
    this.#note = note;
  }

  /** Errors: ClusterError when a node cannot be held. */
  static async begin(
    { nodes }: Pick<Cluster, 'nodes'>,
    note: (what: string) => void,
  ): Promise<RejoinHold> {
    const hold = new RejoinHold(nodes, note);
    // One after the other: nodes of a lab share what stands in for pg_rewind.
    try {
      for (const { rewind } of nodes) await rewind?.hold(mostMs);
    } catch (error) {
      await hold[Symbol.asyncDispose]();
      throw error;
    }
    return hold;
  }

  /** What a rewind erases was taken, or cannot be. Never rejects. */
  async letGo(node: string): Promise<void> {
    this.#free.add(node);
    await this.#call(node, (rewind) => rewind.release());
  }

  /** A node that was let go is primary again, and can be an old primary once more. Never rejects. */
  async holdAgain(node: string): Promise<void> {
    if (!this.#free.delete(node)) return;
    await this.#call(node, (rewind) => rewind.hold(mostMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { name } of this.#nodes) await this.letGo(name);
  }

  async #call(
    node: string,
    work: (rewind: NonNullable<Node['rewind']>) => Promise<void>,
  ): Promise<void> {
    const rewind = this.#nodes.find(({ name }) => name === node)?.rewind;
    if (!rewind) return;
    await work(rewind).catch((error: unknown) => this.#note(`hold: rejoin: ${messageOf(error)}`));
  }
}
