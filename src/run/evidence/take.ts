import { link, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SkippedEvidence } from '../../contracts/evidence.ts';
import { parseHistory } from '../../pg/timeline.ts';
import { messageOf } from '../../std/errors.ts';
import type { KnownNode } from './know-nodes.ts';
import type { OldPrimary } from './old-primaries.ts';
import { receive } from './receive.ts';
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
  /** On this host. */
  readonly folder: string;
}

/**
 * Takes what a rewind would erase from an old primary into a folder of this host. What fails is in `skipped`.
 * Errors: Error when the folder cannot be made.
 */
export async function take(old: OldPrimary, options: TakingOptions): Promise<Taken> {
  const { from, successor, folder } = options;
  await mkdir(path.join(folder, 'pg_wal'), { recursive: true, mode: 0o700 });
  const taking = new Taking(old, from, folder);
  const [found, forkLsn] = await Promise.all([taking.look(), taking.fork(successor)]);
  const hasCopy = found !== undefined && (await taking.copy(found));
  const segments = found ? await taking.wal(found, forkLsn, hasCopy) : [];
  const state = found && (await taking.history());
  await taking.keep('settings', 'settings.json', `${JSON.stringify(from.settings, null, 2)}\n`);
  if (found) await taking.keep('pg_controldata', 'pg_controldata.txt', found.control);
  return {
    forkLsn,
    segments: state === 'rewound' ? [] : segments,
    copyBytes: hasCopy && state === 'own' ? found.dataBytes : null,
    skipped: taking.skipped,
  };
}

class Taking {
  readonly skipped: SkippedEvidence[] = [];
  readonly #old: OldPrimary;
  readonly #from: KnownNode;
  readonly #folder: string;

  constructor(old: OldPrimary, from: KnownNode, folder: string) {
    this.#old = old;
    this.#from = from;
    this.#folder = folder;
  }

  async keep(what: string, name: string, text: string): Promise<void> {
    await this.#try(what, () => writeFile(path.join(this.#folder, name), text));
  }

  look(): Promise<Survey | undefined> {
    return this.#try('data directory', () => survey(this.#from));
  }

  /** Where the successor's timeline left the old one; its history file has that. */
  async fork(successor: KnownNode | undefined): Promise<string | null> {
    const { newTimeline, timeline, successor: node } = this.#old;
    const name = historyName(newTimeline);
    const fork = await this.#try('timeline history', async () => {
      if (!successor) throw new Error(`${node} cannot be asked`);
      const text = await runOn(successor, 'cat "$1/pg_wal/$2"', name);
      await this.keep('timeline history', path.join('pg_wal', name), text);
      return parseHistory(text).find((one) => one.timeline === timeline)?.lsn;
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
      const names = hasCopy ? await readdir(path.join(this.#data, 'pg_wal')) : walFiles;
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
   * Whose history was taken: where a rewind worked on the directory meanwhile, copy and WAL are mixtures, and are removed. Where
   * that is unknown the copy is removed; what the WAL is worth shows in where it ends.
   */
  async history(): Promise<'own' | 'rewound' | 'unknown'> {
    const isRewound = await this.#try('time of the rewind', () =>
      wasRewound(this.#from, this.#old.timeline),
    );
    if (isRewound === false) return 'own';
    await rm(this.#data, { recursive: true, force: true });
    if (isRewound === undefined) return 'unknown';
    await rm(path.join(this.#folder, 'pg_wal'), { recursive: true, force: true });
    const why = 'pg_rewind worked on the directory meanwhile';
    this.skipped.push({ what: copyName, why }, { what: 'WAL past the fork', why });
    return 'rewound';
  }

  get #data(): string {
    return path.join(this.#folder, 'data');
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
    limits: { readonly into: string; readonly bytes: number; readonly timeoutMs: number },
  ): Promise<void> {
    const { shell, dataFolder } = this.#from;
    const { into, bytes, timeoutMs } = limits;
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < bytes + spareBytes) {
      throw new Error(`${bytes} bytes would leave less than ${spareBytes} free on this host`);
    }
    const argv = ['sh', '-c', script, 'sh', dataFolder, ...args];
    // It grows while it is copied, and tar's headers take a part.
    await receive(shell, argv, { into, timeoutMs, mostBytes: 2 * bytes + spareBytes / 8 });
  }

  async #try<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.skipped.push({ what, why: messageOf(error) });
      return undefined;
    }
  }
}
