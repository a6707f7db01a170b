import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster, PatroniControl, Topology } from '../../contracts/cluster.ts';
import type { TakenEvidence } from '../../contracts/evidence.ts';
import { messageOf } from '../../std/errors.ts';
import { primariesOf } from '../../std/units/leadership.ts';
import { monotonicMs } from '../../std/wait.ts';
import { writeWhole } from '../../std/write-whole.ts';
import { Disturbance } from './disturbance.ts';
import { type KnownNodes, knowNodes } from './know-nodes.ts';
import { OldPrimaries, type OldPrimary } from './old-primaries.ts';
import { evidenceFile, evidenceFolder } from '../../evidence/forensics/read-evidence.ts';
import { RejoinHold } from './rejoin-hold.ts';
import { take } from './take.ts';

/** Of all takings of a run. */
const mostTakings = 8;
/** Of the run's own timers, by a taking. */
const mostDisturbedMs = 500;

export interface WatchOptions {
  /** Of the run. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** CLOCK_MONOTONIC at the start of the load; undefined before it. */
  loadStartMs(): number | undefined;
  readonly note: (what: string) => void;
  /** `hold: rejoin` of the scenario. */
  readonly holdsRejoin: boolean;
}

/** Takes evidence of old primaries beside the run, of each node one after the other. Never fails the run: what goes wrong is a note. */
export class EvidenceWatch implements AsyncDisposable {
  readonly #nodes: KnownNodes;
  readonly #patroni: PatroniControl | undefined;
  readonly #disturbance = new Disturbance(mostDisturbedMs);
  readonly #options: WatchOptions;
  readonly #hold: RejoinHold | undefined;
  readonly #old = new OldPrimaries();
  readonly #taken: TakenEvidence[] = [];
  readonly #counts = new Map<string, number>();
  #begun = 0;
  /** The last taking of each node. */
  readonly #working = new Map<string, Promise<void>>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    {
      nodes,
      patroni,
    }: { readonly nodes: KnownNodes; readonly patroni: PatroniControl | undefined },
    options: WatchOptions,
    hold: RejoinHold | undefined,
  ) {
    this.#nodes = nodes;
    this.#patroni = patroni;
    this.#options = options;
    this.#hold = hold;
  }

  /** Errors: ClusterError when a rejoin is to be held and cannot be. */
  static async open(
    cluster: Pick<Cluster, 'nodes' | 'credentials' | 'patroni'>,
    options: WatchOptions,
  ): Promise<EvidenceWatch> {
    const nodes = await knowNodes(cluster, options.signal);
    const { holdsRejoin, note } = options;
    const hold = holdsRejoin ? await RejoinHold.begin(cluster, note) : undefined;
    return new EvidenceWatch({ nodes, patroni: cluster.patroni }, options, hold);
  }

  looked(topology: Topology): void {
    if (this.#options.loadStartMs() === undefined) return;
    for (const { node } of primariesOf(topology)) void this.#hold?.holdAgain(node);
    for (const old of this.#old.looked(topology)) {
      if (this.#begun === mostTakings) {
        this.#options.note(`evidence was taken ${mostTakings} times; no more is taken in this run`);
      }
      if (this.#begun++ >= mostTakings) {
        void this.#hold?.letGo(old.node);
        continue;
      }
      const begun = (this.#working.get(old.node) ?? Promise.resolve())
        .then(() => this.#take(old))
        .catch((error: unknown) => {
          this.#options.note(`no evidence was taken of ${old.node}: ${messageOf(error)}`);
        })
        // A server that may still acknowledge writes is not rewound yet.
        .then(() => (old.isPrimary ? undefined : this.#hold?.letGo(old.node)));
      this.#working.set(old.node, begun);
    }
  }

  /** Resolves when what was begun is done: each taking has a limit. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#working.values());
    this.#disturbance[Symbol.dispose]();
    await this.#hold?.[Symbol.asyncDispose]();
  }

  async #take(old: OldPrimary): Promise<void> {
    const from = this.#nodes.get(old.node) ?? 'it is not a node of the cluster';
    if (typeof from === 'string') throw new Error(from);
    const known = this.#nodes.get(old.successor);
    const successor = typeof known === 'string' ? undefined : known;
    const { directory, note } = this.#options;
    const beganMs = monotonicMs();
    const folder = this.#folderOf(old.node);
    const disturbance = this.#disturbance.begin();
    const found = await take(old, {
      from,
      successor,
      patroni: this.#patroni,
      folder: path.join(directory, folder),
      signal: disturbance.signal,
    }).finally(() => this.#disturbance.end(disturbance));
    const evidence: TakenEvidence = {
      node: old.node,
      folder,
      takenAtMs: Math.round(beganMs - (this.#options.loadStartMs() ?? beganMs)),
      durationMs: Math.round(monotonicMs() - beganMs),
      disturbedMs: disturbance.laterMs,
      timeline: old.timeline,
      ...(from.image && { image: from.image }),
      ...found,
    };
    if (found.copyBytes !== null) await this.#dropEarlier(evidence);
    this.#taken.push(evidence);
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
    for (const { what, why } of found.skipped) {
      note(
        `evidence of ${old.node}, ${evidence.takenAtMs / 1_000} s into the load: no ${what}: ${why}`,
      );
    }
  }

  async #write(): Promise<void> {
    const { directory } = this.#options;
    await mkdir(path.join(directory, evidenceFolder), { recursive: true });
    await writeWhole(evidenceFile(directory), `${JSON.stringify(this.#taken, null, 2)}\n`);
  }

  #folderOf(node: string): string {
    const number = (this.#counts.get(node) ?? 0) + 1;
    this.#counts.set(node, number);
    return `${evidenceFolder}/${node.replace(/[^\w.-]/g, '-')}-${number}`;
  }

  /** A later copy of the same timeline has all that an earlier one has. */
  async #dropEarlier({ node, timeline, folder }: TakenEvidence): Promise<void> {
    for (const [index, earlier] of this.#taken.entries()) {
      if (earlier.node !== node || earlier.timeline !== timeline || earlier.copyBytes === null)
        continue;
      await rm(path.join(this.#options.directory, earlier.folder, 'data'), {
        recursive: true,
        force: true,
      });
      const why = `${folder} has a later one`;
      const skipped = [...earlier.skipped, { what: 'copy of the data directory', why }];
      this.#taken[index] = { ...earlier, copyBytes: null, skipped };
    }
  }
}
