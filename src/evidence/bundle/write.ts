import { readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Result } from '../../contracts/result.ts';
import { HarnessBug, isKnownError, messageOf } from '../../std/errors.ts';
import { forkpointVersion } from '../store/run-folders.ts';
import { fullDiskOr, temporaryFolder } from '../../std/temporary-folder.ts';
import { collect } from './collect.ts';
import { fit, isPatroniLog, withoutJournals } from './fit.ts';
import type { Manifest } from './manifest.ts';
import { packTo } from './pack.ts';
import { withoutHostPaths } from './host-paths.ts';
import { stage, type Staged } from './stage.ts';

export interface BundleOptions {
  readonly directory: string;
  /** Path of the archive. Default: named after the run, in the current folder. */
  readonly output?: string | undefined;
  readonly maxBytes: number;
  readonly hasJournals: boolean;
  readonly judge: (directory: string) => Promise<Result>;
}

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly manifest: Manifest;
}

/**
 * Packs a run's folder, scrubbed and within its size, and judges the copy before it is packed.
 * Errors: EnvironmentError when it does not fit, cannot be read or cannot be written.
 */
export async function writeBundle(options: BundleOptions): Promise<Bundle> {
  const { directory, maxBytes, hasJournals } = options;
  const folder = await temporaryFolder('bundle');
  try {
    // Both the path that its files name and the real path.
    const from = [path.resolve(directory), await realpath(directory)];
    const staged = await stage(await collect(directory), { directory, from, into: folder });
    const fitted = await fit(hasJournals ? staged : withoutJournals(staged), maxBytes);
    const hidePaths = withoutHostPaths([folder, ...from]);
    await removeLeftOut(fitted, folder);
    const problem = hasJournals
      ? await problemOfCopy(folder, fitted, options)
      : 'it was packed without its journals';
    const manifest = await manifestOf(fitted, folder, problem === null ? null : hidePaths(problem));
    const root = rootOf(manifest, directory);
    const file = path.resolve(options.output ?? `${root}.tar.gz`);
    const bytes = await packTo(file, fitted.files, { root, manifest });
    return { file, bytes, manifest };
  } catch (error) {
    throw fullDiskOr(error, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The judged copy is the packed copy. */
async function removeLeftOut({ leftOut }: Staged, copy: string): Promise<void> {
  for (const { name } of leftOut) await rm(path.join(copy, name), { force: true });
}

/** Why the copy cannot be judged, which may be what a bug report is about; null when it gets the same verdict as the run. */
async function problemOfCopy(
  copy: string,
  { files, leftOut }: Staged,
  { directory, judge }: BundleOptions,
): Promise<string | null> {
  const judged = await judgeOr(copy, judge);
  if (typeof judged === 'string') return judged;
  const original = await judgeOr(directory, judge);
  if (typeof original !== 'string' && verdictsOf(original) === verdictsOf(judged)) return null;
  const incomplete = [...files.filter(({ isCut }) => isCut), ...leftOut];
  if (incomplete.some(({ name }) => isPatroniLog(name))) {
    return "Patroni's logs did not fit, and the verdict rests on them";
  }
  throw new HarnessBug(`scrubbing changed the verdict of ${directory}, so nothing was packed`);
}

async function judgeOr(directory: string, judge: BundleOptions['judge']): Promise<Result | string> {
  try {
    return await judge(directory);
  } catch (error) {
    if (!isKnownError(error)) throw error;
    return messageOf(error);
  }
}

/** The part of a result that must not change: every verdict and the counts behind it. */
function verdictsOf({ runId, status, checks, writes, lostRanges, lossSummary }: Result): string {
  const decided = checks.map(({ check, status: found }) => [check, found]);
  return JSON.stringify([runId, status, decided, writes, lostRanges, lossSummary]);
}

async function manifestOf(
  { files, leftOut, masked }: Staged,
  copy: string,
  notJudgeable: string | null,
): Promise<Manifest> {
  const result = await partOf(path.join(copy, 'result.json'));
  const { runId = null, scenario = null, startedAt = null, status = null } = result;
  return {
    schemaVersion: 1,
    kind: 'forkpoint-bundle',
    run: { runId, scenario, startedAt, status },
    versions: { ...result.versions, packedBy: await forkpointVersion() },
    notJudgeable,
    files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
    cut: files
      .filter(({ isCut }) => isCut)
      .map(({ name, originalBytes, bytes }) => ({ name, bytes: originalBytes, keptBytes: bytes })),
    leftOut,
    masked,
  };
}

/** A run that ended early has no result, or a part of one. */
async function partOf(file: string): Promise<Partial<Result>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<Result>;
  } catch {
    return {};
  }
}

/** `partition-5s-20261120T200912Z`. The file may have been edited, so nothing else gets into the name. */
function rootOf({ run }: Manifest, directory: string): string {
  const named = path.basename(path.resolve(directory));
  const time = run.startedAt?.replace(/[-:]|\.\d+/g, '') ?? named;
  const root = [run.scenario, time].filter((part) => typeof part === 'string').join('-');
  return /^\w[\w.-]*$/.test(root) ? root : 'forkpoint-run';
}
