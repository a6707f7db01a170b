import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createGzip } from 'node:zlib';
import { unreadable } from '../store/read-json.ts';
import type { Collected, PartKind, RunFile } from './collect.ts';
import { cutMiddle } from './truncate-log.ts';
import { withoutHostPaths } from './host-paths.ts';
import { encodedAnywhere } from './scrub/encoded.ts';
import { isTelling, knownSecrets } from './scrub/known.ts';
import { maskLiterally, maskNamed } from './scrub/scrub.ts';

/** A file as it goes into the bundle. */
export interface StagedFile {
  readonly name: string;
  readonly path: string;
  readonly kind: PartKind;
  /** Its path in the run's folder. */
  readonly originalBytes: number;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly sha256: string;
  /** Whether its middle is missing. */
  readonly isCut: boolean;
}

export interface Staged {
  readonly files: readonly StagedFile[];
  readonly leftOut: Collected['leftOut'];
  readonly masked: number;
}

/** A log larger than this is not read whole: it would fill the memory. */
const mostLogBytes = 32 * 1024 ** 2;

/** Copies a run's files, scrubbed, into an empty folder. Files that hold no text of users are linked. */
export async function stage(
  { files, leftOut }: Collected,
  {
    directory,
    from,
    into,
  }: { readonly directory: string; readonly from: readonly string[]; readonly into: string },
): Promise<Staged> {
  const texts = files.filter(({ kind }) => !isBare(kind));
  let masked = 0;
  const maskKnown = encodedAnywhere(await knownSecrets(directory), () => masked++);
  const secrets = new Set<string>();
  for (const file of texts) {
    maskNamed((await textOf(file)).text, (secret, isNamed) => {
      if (isNamed && isTelling(secret)) secrets.add(secret);
    });
  }
  const literals = [...secrets].sort((a, b) => b.length - a.length);
  const hidePaths = withoutHostPaths(from);
  const staged: StagedFile[] = [];
  const binaries: Collected['leftOut'][number][] = [];
  for (const file of files) {
    const target = path.join(into, file.name);
    await mkdir(path.dirname(target), { recursive: true });
    if (isBare(file.kind)) {
      await symlink(file.path, target);
      staged.push(await measured(file, { path: target, isCut: false }));
      continue;
    }
    const { text, isCut, isText } = await textOf(file);
    if (!isText) {
      binaries.push({
        name: file.name,
        bytes: file.bytes,
        why: 'not text, so it cannot be scrubbed',
      });
      continue;
    }
    const named = maskNamed(hidePaths(maskKnown(text)), () => masked++);
    const scrubbed = maskLiterally(named, literals);
    await writeFile(target, scrubbed);
    staged.push(await measured(file, { path: target, isCut }));
  }
  return { files: staged, leftOut: [...leftOut, ...binaries], masked };
}

/** Files of numbers and names of nodes only, which are never scrubbed. */
function isBare(kind: PartKind): boolean {
  return kind === 'journal' || kind === 'ranges';
}

/** Rewrites a staged log with at most this many bytes, without its middle. */
export async function shorten(file: StagedFile, bytes: number): Promise<StagedFile> {
  const text = await readFile(file.path, 'utf8');
  await writeFile(file.path, cutMiddle(text, bytes));
  const original = { name: file.name, kind: file.kind, bytes: file.originalBytes };
  return measured(original, { path: file.path, isCut: true });
}

async function measured(
  { name, kind, bytes: originalBytes }: Omit<RunFile, 'path'>,
  { path: file, isCut }: { readonly path: string; readonly isCut: boolean },
): Promise<StagedFile> {
  const hash = createHash('sha256');
  const gzip = createGzip();
  let [bytes, packedBytes] = [0, 0];
  gzip.on('data', (chunk: Buffer) => (packedBytes += chunk.length));
  const ended = once(gzip, 'end');
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      hash.update(chunk);
      if (!gzip.write(chunk)) await once(gzip, 'drain');
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  gzip.end();
  await ended;
  const sha256 = hash.digest('hex');
  return { name, path: file, kind, originalBytes, bytes, packedBytes, sha256, isCut };
}

/** The beginning and the end of a log that is too long. */
async function textOf({
  path: file,
  kind,
  bytes,
}: RunFile): Promise<{ readonly text: string; readonly isCut: boolean; readonly isText: boolean }> {
  try {
    if (kind !== 'log' || bytes <= mostLogBytes) {
      const content = await readFile(file);
      return { text: content.toString(), isCut: false, isText: !content.includes(0) };
    }
    await using handle = await open(file);
    const [head, tail] = [Buffer.alloc(mostLogBytes / 2), Buffer.alloc(mostLogBytes / 2)];
    await handle.read(head, 0, head.length, 0);
    await handle.read(tail, 0, tail.length, bytes - tail.length);
    const text = cutMiddle(`${head.toString()}${tail.toString()}`, mostLogBytes - 1, bytes);
    return { text, isCut: true, isText: !head.includes(0) && !tail.includes(0) };
  } catch (error) {
    throw unreadable(file, error);
  }
}
