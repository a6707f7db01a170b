import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import path from 'node:path';
import { hasEnded, processFacts } from '../../machine/process-identity.ts';
import { temporaryName } from '../../std/temporary-folder.ts';

/** Of Linux, as proc_pid_stat(5) counts. */
const ticksPerSecond = 100;

/**
 * Removes temporary folders whose process was killed, as that of a salvage with its copy of a server's data: this user's, and as root
 * those of every user, for a server's files are its account's. Returns their paths.
 */
export async function removeLeftFolders(): Promise<readonly string[]> {
  const left: string[] = [];
  for (const name of await readdir(tmpdir())) {
    const pid = Number(temporaryName.exec(name)?.[1]);
    if (Number.isNaN(pid)) continue;
    const folder = path.join(tmpdir(), name);
    // It may be gone by now.
    const made = await lstat(folder).catch(() => undefined);
    if (!made?.isDirectory() || !isOurs(made.uid)) continue;
    // Some file systems do not know when it was made; its last change is later.
    if (isMaker(pid, made.birthtimeMs || made.ctimeMs)) continue;
    await rm(folder, { recursive: true, force: true });
    left.push(folder);
  }
  return left;
}

function isOurs(uid: number): boolean {
  const user = process.getuid?.();
  return user === 0 || user === uid;
}

/** A later process may have the number of the one that made the folder. */
function isMaker(pid: number, madeAtMs: number): boolean {
  const facts = processFacts(pid);
  if (!facts || hasEnded(facts)) return false;
  const age = uptime() - Number(facts.startedTicks) / ticksPerSecond;
  return Date.now() - age * 1000 <= madeAtMs + 1000;
}
