import { open } from 'node:fs/promises';

const tailBytes = 4096;

/** The last line of a file that has words in it; undefined where there is none. Errors: of the file system. */
export async function lastLineOf(file: string): Promise<string | undefined> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const from = Math.max(0, size - tailBytes);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, from);
  const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
  return lines.findLast((line) => line.trim() !== '')?.trim();
}
