import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * A folder with all that it lies in, for a path that a user named. Node's recursive mkdir never returns below /proc, where
 * nothing can be made although the parent is there. (Node 24, node_file.cc: ENOENT sends it to the parent again and again)
 * Errors: those of the file system.
 */
export async function makeFolders(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) await makeFolders(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may have been faster.
    if (!(await isFolder(folder))) throw error;
  }
}

async function isFolder(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() === true;
}
