import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { openBundle } from '../../evidence/bundle/open.ts';
import type { Manifest } from '../../evidence/bundle/manifest.ts';
import { ScenarioError } from '../../std/errors.ts';
import { findRun } from '../../evidence/store/run-folders.ts';
import { temporaryFolder } from '../../std/temporary-folder.ts';

/** An open run: a folder, or a bundle that is unpacked while this is open. */
export interface OpenRun extends AsyncDisposable {
  readonly directory: string;
  /** Folder for its reports: its own, or one beside the bundle. */
  readonly reports: string;
  /** For a bundle only. */
  readonly manifest: Manifest | undefined;
}

/** The meaning of RUN in every command that reads a stored run. */
export const runArgument =
  "a run's folder or bundle (.tar.gz), or a scenario's name for its latest run";

/** Errors: ScenarioError when it is neither a run nor a bundle; those of openBundle. */
export async function openRun(nameOrPath: string): Promise<OpenRun> {
  const found = await stat(nameOrPath).catch(() => undefined);
  if (found?.isFile() !== true) {
    const directory = await findRun(nameOrPath);
    return {
      directory,
      reports: directory,
      manifest: undefined,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const directory = await temporaryFolder('open');
  const close = () => rm(directory, { recursive: true, force: true });
  try {
    const file = path.resolve(nameOrPath);
    const manifest = await openBundle(file, directory);
    const reports = `${file.replace(/(?:\.tar)?\.t?gz$/, '')}.reports`;
    return { directory, reports, manifest, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Errors: ScenarioError for a bundle whose manifest says that it cannot be judged. */
export function requireJudgeable({ manifest }: OpenRun, nameOrPath: string): void {
  if (manifest === undefined || manifest.notJudgeable === null) return;
  throw new ScenarioError(
    `${nameOrPath}: cannot be judged: ${manifest.notJudgeable}. \`forkpoint report\` shows its stored result, if it has one.`,
  );
}
