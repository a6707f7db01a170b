import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { manifestName, type Manifest } from './manifest.ts';

interface Packed {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes the archive: the same files always give the same bytes, on any host and at any time. Returns its size.
 * Errors: EnvironmentError when it cannot be written; then nothing is left of it.
 */
export async function packTo(
  output: string,
  files: readonly Packed[],
  { root, manifest }: { readonly root: string; readonly manifest: Manifest },
): Promise<number> {
  const archive = pack();
  const unfinished = `${output}.tmp`;
  try {
    // Both must run at once: the packer waits until the pipeline has read what it wrote.
    await Promise.all([
      pipeline(archive, createGzip({ level: 9 }), createWriteStream(unfinished)),
      fill(archive, files, { root, manifest }),
    ]);
    await rename(unfinished, output);
    return (await stat(output)).size;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new EnvironmentError(`cannot write ${output}: ${messageOf(error)}`, { cause: error });
  }
}

async function fill(
  archive: Pack,
  files: readonly Packed[],
  { root, manifest }: { readonly root: string; readonly manifest: Manifest },
): Promise<void> {
  try {
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    archive.entry(headerOf(`${root}/${manifestName}`, Buffer.byteLength(text)), text);
    for (const { name, path, bytes } of files) {
      const entry = archive.entry(headerOf(`${root}/${name}`, bytes));
      await pipeline(createReadStream(path), entry);
    }
    archive.finalize();
  } catch (error) {
    archive.destroy(error as Error);
    throw error;
  }
}

/** Says nothing about this host: no owner, no time, no permissions. */
function headerOf(name: string, size: number) {
  return { name, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'file' as const };
}
