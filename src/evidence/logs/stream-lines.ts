import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const chunkBytes = 256 * 1024;
/**
 * Of a line of a log, and of one with those that go on with it. What more there is is dropped: a log without line ends takes no more memory
 * than this.
 */
export const mostLineCharacters = 64 * 1024;

/**
 * The lines of files that follow each other, read piece by piece: memory does not grow with their size.
 * Errors: those of the file system.
 */
export function* streamLines(files: readonly string[]): Generator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for (const file of files) {
    for (const chunk of chunksOf(file)) {
      const lines = decoder.write(chunk).split('\n');
      lines[0] = rest + (lines[0] ?? '');
      rest = (lines.pop() ?? '').slice(0, mostLineCharacters);
      for (const line of lines) yield line.slice(0, mostLineCharacters);
    }
  }
  if (rest !== '') yield rest;
}

/** Each chunk is overwritten by the next one. */
function* chunksOf(file: string): Generator<Buffer> {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(chunkBytes);
    for (;;) {
      const length = readSync(descriptor, buffer);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The lines in the last bytes of a file; the first of them may lack its beginning. Errors: those of the file system. */
export function lastLines(file: string, bytes: number): readonly string[] {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    const length = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, length).toString('utf8').split('\n');
  } finally {
    closeSync(descriptor);
  }
}
