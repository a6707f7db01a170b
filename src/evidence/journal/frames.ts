import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { EnvironmentError, ScenarioError, messageOf } from '../../std/errors.ts';
import { FRAME_HEAD_BYTES, MAX_PAYLOAD_BYTES, PAYLOAD_HEAD_BYTES } from './format.ts';

/** Why reading stopped before the end of the file; everything before `atByte` was good. */
export interface JournalCut {
  readonly atByte: number;
  readonly reason: string;
}

/** A frame whose checksum and number were right. Valid until the next one is asked for. */
export interface Frame {
  readonly number: number;
  readonly type: number;
  readonly view: DataView;
  /** The body is view[from .. to). */
  readonly from: number;
  readonly to: number;
  readonly atByte: number;
}

/** Some successive frames of a journal. */
export interface Stretch {
  readonly atByte: number;
  /** The number of its first frame. */
  readonly frame: number;
  readonly endByte: number;
}

export const WHOLE: Stretch = { atByte: 0, frame: 0, endByte: Infinity };
export const HEAD_BYTES = FRAME_HEAD_BYTES + PAYLOAD_HEAD_BYTES;
const CHUNK_BYTES = 1 << 20;
const BUFFER_BYTES = CHUNK_BYTES + MAX_PAYLOAD_BYTES + HEAD_BYTES;

/**
 * Reads good frames of a file; returns the first cut, or undefined when each stretch, or the file, ends with a frame.
 * Memory: one buffer of at most two chunks, however long the file; a small file's own size.
 */
export function* readFrames(
  path: string,
  stretches: Iterable<Stretch> = [WHOLE],
): Generator<Frame, JournalCut | undefined> {
  const source = new Source(path);
  try {
    for (const stretch of stretches) {
      const cut = yield* framesOf(source, stretch);
      if (cut) return cut;
    }
    return undefined;
  } finally {
    source.close();
  }
}

function* framesOf(source: Source, stretch: Stretch): Generator<Frame, JournalCut | undefined> {
  source.seek(stretch);
  for (let number = stretch.frame; source.position < stretch.endByte; number++) {
    const atByte = source.position;
    const cut = (reason: string): JournalCut => ({ atByte, reason });
    const rest = source.want(HEAD_BYTES);
    if (rest === 0 && number === 0) return cut('the file is empty');
    if (rest === 0 && stretch.endByte < Infinity) return cut('the file ends');
    if (rest === 0) return undefined;
    if (rest < HEAD_BYTES) return cut(`${rest} bytes are too few for a frame`);
    const length = source.view.getUint32(source.at, true);
    if (length < PAYLOAD_HEAD_BYTES || length > MAX_PAYLOAD_BYTES) {
      return cut(`a frame cannot be ${length} bytes long`);
    }
    const size = FRAME_HEAD_BYTES + length;
    const found = source.want(size);
    if (found < size) return cut(`the frame should have ${size} bytes, ${found} are there`);
    const frame = frameAt(source, size, { number, atByte });
    if (!frame) return cut('the checksum does not match');
    const written = source.view.getUint32(source.at + FRAME_HEAD_BYTES, true);
    if (written !== number) return cut(`frame ${number} was expected, frame ${written} is there`);
    source.take(size);
    yield frame;
  }
  return undefined;
}

function frameAt(
  source: Source,
  size: number,
  place: Pick<Frame, 'number' | 'atByte'>,
): Frame | undefined {
  const { at, view, buffer } = source;
  const payload = buffer.subarray(at + FRAME_HEAD_BYTES, at + size);
  if (crc32(payload, size - FRAME_HEAD_BYTES) !== view.getUint32(at + 4, true)) return undefined;
  // Three zero bytes follow the type: read as one number, anything in them makes the type unknown.
  const type = view.getUint32(at + FRAME_HEAD_BYTES + 4, true);
  return { ...place, type, view, from: at + HEAD_BYTES, to: at + size };
}

/** The bytes of a file, some of them in `buffer` from `at` on. */
class Source {
  readonly buffer: Buffer;
  readonly view: DataView;
  at = 0;
  position = 0;
  #end = 0;
  /** Where in the file is read next, and up to where. */
  #readAt = 0;
  #untilByte = Infinity;
  readonly #fd: number;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, 'r');
      const found = fstatSync(this.#fd);
      if (found.isDirectory()) throw new Error('it is a directory');
      const bytes = Math.min(BUFFER_BYTES, Math.max(found.size, HEAD_BYTES));
      // Not filled with zeros: nothing past #end is ever looked at.
      this.buffer = Buffer.allocUnsafe(bytes);
    } catch (error) {
      throw unreadable(path, error);
    }
    const { buffer, byteOffset, byteLength } = this.buffer;
    this.view = new DataView(buffer, byteOffset, byteLength);
  }

  seek({ atByte, endByte }: Stretch): void {
    this.at = this.#end = 0;
    this.position = this.#readAt = atByte;
    this.#untilByte = endByte;
  }

  /** Reads on until `bytes` are in the buffer or the file ends; returns how many are. */
  want(bytes: number): number {
    if (this.#end - this.at < bytes) {
      this.buffer.copy(this.buffer, 0, this.at, this.#end);
      this.#end -= this.at;
      this.at = 0;
      while (this.#end < bytes) {
        const got = this.#read();
        if (got === 0) break;
        this.#end += got;
      }
    }
    return Math.min(bytes, this.#end - this.at);
  }

  take(bytes: number): void {
    this.at += bytes;
    this.position += bytes;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(): number {
    const bytes = Math.min(this.buffer.length - this.#end, this.#untilByte - this.#readAt);
    try {
      const got = readSync(this.#fd, this.buffer, this.#end, bytes, this.#readAt);
      this.#readAt += got;
      return got;
    } catch (error) {
      throw unreadable(this.#path, error);
    }
  }
}

/** Permission and disk errors are the host's (EnvironmentError); a wrong path is the caller's (ScenarioError). */
function unreadable(path: string, error: unknown): Error {
  const what = `cannot read journal ${path}: ${messageOf(error)}`;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const isHosts = ['EACCES', 'EPERM', 'EIO'].includes(code);
  return isHosts
    ? new EnvironmentError(what, { cause: error })
    : new ScenarioError(what, { cause: error });
}
