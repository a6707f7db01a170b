import { existsSync } from 'node:fs';
import { link, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PatroniControl } from '../../contracts/cluster.ts';
import type { SkippedEvidence } from '../../contracts/evidence.ts';
import { lsnNumber } from '../../std/units/lsn.ts';
import { controlDataOf } from '../../pg/control-data.ts';
import { parseHistory } from '../../pg/timeline.ts';
import { messageOf } from '../../std/errors.ts';
import { withoutFolder } from '../../std/without-folder.ts';
import type { KnownNode } from './know-nodes.ts';
import type { OldPrimary } from './old-primaries.ts';
import { receive, type Receiving } from './receive.ts';
import { keepSurroundings } from './surroundings.ts';
import { runOn, type Survey, survey, wasRewound } from './survey.ts';
import { copyScript, walFilesScript } from './taking-scripts.ts';
import { historyName, isHistory, segmentsFrom } from './wal-names.ts';

/** A lab's data directory has 40 MB and its WAL; a larger copy would take the load's CPU and disk for too long. */
const mostCopyBytes = 512 * 2 ** 20;
const mostWalBytes = 256 * 2 ** 20;
const copyTimeoutMs = 20_000;
const walTimeoutMs = 10_000;
/** Stays free on this host's disk. */
const spareBytes = 2 ** 30;
const copyName = 'copy of the data directory';
const rewoundMeanwhile =
  'pg_rewind worked on the directory, or it followed another history, meanwhile';

export interface Taken {
  readonly forkLsn: string | null;
  readonly segments: readonly string[];
  readonly copyBytes: number | null;
  readonly skipped: readonly SkippedEvidence[];
}

export interface TakingOptions {
  readonly from: KnownNode;
  /** Whose timeline history names the fork; undefined: it cannot be asked. */
  readonly successor: KnownNode | undefined;
  readonly patroni: PatroniControl | undefined;
  /** On this host. */
  readonly folder: string;
  /** Aborted, with the reason, when the taking disturbs the run: no copy is made then. */
  readonly signal: AbortSignal;
}

/**
 * Takes what a rewind would erase from an old primary into a folder of this host. What fails is in `skipped`.
 * Errors: Error when the folder cannot be made.
 */
export async function take(old: OldPrimary, options: TakingOptions): Promise<Taken> {
  const { from, successor, folder } = options;
  await mkdir(path.join(folder, 'pg_wal'), { recursive: true, mode: 0o700 });
  const taking = new Taking(old, options);
  const [found, forkLsn] = await Promise.all([taking.look(), taking.fork(successor)]);
  const kept = found ? await taking.files(found, forkLsn) : nothing;
  taking.skipped.push(...(await keepSurroundings(options)));
  await taking.keep('settings', 'settings.json', `${JSON.stringify(from.settings, null, 2)}\n`);
  if (found) await taking.keep('pg_controldata', 'pg_controldata.txt', found.control);
  return { forkLsn, ...kept, skipped: taking.skipped };
}

type Kept = Pick<Taken, 'segments' | 'copyBytes'>;

const nothing: Kept = { segments: [], copyBytes: null };

class Taking {
  readonly skipped: SkippedEvidence[] = [];
  readonly #old: OldPrimary;
  readonly #from: KnownNode;
  readonly #folder: string;
  readonly #signal: AbortSignal;

  constructor(old: OldPrimary, { from, folder, signal }: TakingOptions) {
    this.#old = old;
    this.#from = from;
    this.#folder = folder;
    this.#signal = signal;
  }

  /** The WAL first, which is small: what was taken of it stays, whatever a rewind does to the copy. */
  async files(found: Survey, forkLsn: string | null): Promise<Kept> {
    const early = await this.wal(found, forkLsn, false);
    if ((await this.history()) === 'rewound') {
      this.skipped.push({ what: copyName, why: rewoundMeanwhile });
      // What a rewind copies ends where this server's own WAL did.
      if (this.#wasShutDown(found, forkLsn)) return { segments: early, copyBytes: null };
      for (const name of early) await rm(path.join(this.#folder, 'pg_wal', name), { force: true });
      this.skipped.push({ what: 'WAL past the fork', why: rewoundMeanwhile });
      return nothing;
    }
    if (!(await this.copy(found))) return { segments: early, copyBytes: null };
    const state = await this.history();
    if (state === 'own') {
      return { segments: await this.wal(found, forkLsn, true), copyBytes: found.dataBytes };
    }
    await rm(this.#data, { recursive: true, force: true });
    if (state === 'rewound') this.skipped.push({ what: copyName, why: rewoundMeanwhile });
    return { segments: early, copyBytes: null };
  }

  async keep(what: string, name: string, text: string): Promise<void> {
    await this.#try(what, () => writeFile(path.join(this.#folder, name), text));
  }

  look(): Promise<Survey | undefined> {
    return this.#try('data directory', () => survey(this.#from));
  }

  /**
   * Where the old primary left the history of its successor: where the successor's timeline left the old one. A successor whose
   * timeline has no higher number is on another history, and has nothing of the old primary's timeline, so that is where it began.
   */
  async fork(successor: KnownNode | undefined): Promise<string | null> {
    const { newTimeline, timeline, successor: node } = this.#old;
    const isLater = newTimeline > timeline;
    const name = historyName(Math.max(newTimeline, timeline));
    const fork = await this.#try('timeline history', async () => {
      const asked = isLater ? successor : this.#from;
      if (!asked) throw new Error(`${node} cannot be asked`);
      const text = await runOn(asked, 'cat "$1/pg_wal/$2"', name);
      await this.keep('timeline history', path.join('pg_wal', name), text);
      const ancestors = parseHistory(text);
      return (isLater ? ancestors.find((one) => one.timeline === timeline) : ancestors.at(-1))?.lsn;
    });
    return fork ?? null;
  }

  async copy({ dataBytes: bytes, redoFile }: Survey): Promise<boolean> {
    const done = await this.#try(copyName, async () => {
      if (bytes > mostCopyBytes) throw new Error(`${bytes} bytes; the limit is ${mostCopyBytes}`);
      await this.#receive(copyScript, [redoFile], {
        into: this.#data,
        bytes,
        timeoutMs: copyTimeoutMs,
        signal: this.#signal,
      });
      return true;
    });
    if (!done) await rm(this.#data, { recursive: true, force: true });
    return done ?? false;
  }

  /** The names of the segments from the fork on. In a copy they are already: a second link takes no space. */
  async wal(
    { walFiles, segmentBytes }: Survey,
    lsn: string | null,
    hasCopy: boolean,
  ): Promise<readonly string[]> {
    const found = await this.#try('WAL past the fork', async () => {
      const names = hasCopy ? await this.#copiedWal() : walFiles;
      const segments = segmentsFrom(names, this.#old.timeline, { lsn, segmentBytes });
      const bytes = segments.length * segmentBytes;
      if (bytes > mostWalBytes) throw new Error(`${bytes} bytes; the limit is ${mostWalBytes}`);
      const wanted = [...segments, ...names.filter(isHistory)];
      if (hasCopy) await this.#linkAll(wanted);
      else if (wanted.length > 0) {
        const limits = { into: this.#folder, bytes, timeoutMs: walTimeoutMs };
        await this.#receive(walFilesScript, wanted, limits);
      }
      return segments;
    });
    return found ?? [];
  }

  /**
   * Whose history was taken: where a rewind worked on the directory meanwhile, what was taken is a mixture. Where that is unknown
   * a copy is one, too; what the WAL is worth shows in where it ends.
   */
  async history(): Promise<'own' | 'rewound' | 'unknown'> {
    const isRewound = await this.#try('time of the rewind', () =>
      wasRewound(this.#from, this.#old),
    );
    if (isRewound === undefined) return 'unknown';
    return isRewound ? 'rewound' : 'own';
  }

  /** It was not running before anything was taken, and had written nothing past the fork on its timeline. */
  #wasShutDown({ control }: Survey, forkLsn: string | null): boolean {
    const { state, timeline, checkpoint } = controlDataOf(control);
    if (state !== 'shut down' || timeline !== this.#old.timeline) return false;
    if (checkpoint === undefined || forkLsn === null) return false;
    return lsnNumber(checkpoint) < lsnNumber(forkLsn);
  }

  get #data(): string {
    return path.join(this.#folder, 'data');
  }

  async #copiedWal(): Promise<readonly string[]> {
    const folder = path.join(this.#data, 'pg_wal');
    if (!existsSync(folder)) throw new Error('the copy has no pg_wal');
    return readdir(folder);
  }

  async #linkAll(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const target = path.join(this.#folder, 'pg_wal', name);
      await rm(target, { force: true });
      await link(path.join(this.#data, 'pg_wal', name), target);
    }
  }

  async #receive(
    script: string,
    args: readonly string[],
    { bytes, ...limits }: Omit<Receiving, 'mostBytes'> & { readonly bytes: number },
  ): Promise<void> {
    const { shell, dataFolder } = this.#from;
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < bytes + spareBytes) {
      throw new Error(`${bytes} bytes would leave less than ${spareBytes} free on this host`);
    }
    const argv = ['sh', '-c', script, 'sh', dataFolder, ...args];
    // It grows while it is copied, and tar's headers take a part.
    const mostBytes = 2 * bytes + spareBytes / 8;
    await receive(shell, argv, { ...limits, mostBytes });
  }

  async #try<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.skipped.push({ what, why: withoutFolder(messageOf(error), this.#folder) });
      return undefined;
    }
  }
}
