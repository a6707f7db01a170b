import { close, openSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { EnvironmentError, messageOf } from '../../std/errors.ts';

const writeAsync = promisify(write);
const closeAsync = promisify(close);

/** Where the frames of a journal go, in order. */
export interface JournalSink {
  /** For messages. */
  readonly name: string;
  /** Resolves when the bytes were handed over and may be used again. Called one at a time. */
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** A new file. Errors: EnvironmentError, also where the file exists: no journal is ever overwritten. */
export function fileSink(path: string): JournalSink {
  const fd = create(path);
  return {
    name: path,
    write: async (bytes) => {
      try {
        for (let from = 0; from < bytes.length;) {
          from += (await writeAsync(fd, bytes, from, bytes.length - from)).bytesWritten;
        }
      } catch (error) {
        throw new EnvironmentError(
          `cannot write journal ${path}: ${messageOf(error)}; free space or choose another folder`,
          { cause: error },
        );
      }
    },
    close: () => closeAsync(fd),
  };
}

function create(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    throw new EnvironmentError(`cannot create journal ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
