import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and its parents, for a path that a user named. Node's recursive mkdir never returns below /proc,
 * where the parent exists but nothing can be made. (Node 24, node_file.cc: ENOENT sends it to the parent again and again)
 * Errors: those of the file system.
 */
export async function makeFolders(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  if (parent !== folder && !(await isThere(parent))) await makeFolders(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // It existed already, or another process made it first.
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() !== true) throw error;
  }
}

async function isThere(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined)) !== undefined;
}
