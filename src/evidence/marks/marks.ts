import { randomBytes } from 'node:crypto';
import { appendFile, open } from 'node:fs/promises';
import path from 'node:path';
import { plain } from '../../std/plain.ts';

/** One mark as another process hands it to a run. `ns`: CLOCK_MONOTONIC of this host when it was made. */
export interface SentMark {
  readonly id: string;
  readonly text: string;
  readonly ns: string;
}

const fileName = 'marks.jsonl';
const mostCharacters = 200;
const mostBytes = 65_536;
const everyMs = 100;

/** A text of a person as one plain line of bounded length; undefined if nothing is left of it. */
export function markText(text: string): string | undefined {
  const line = plain(text).trim().replace(/\s+/g, ' ');
  if (line === '') return undefined;
  const characters = Array.from(line);
  return characters.length <= mostCharacters
    ? line
    : `${characters.slice(0, mostCharacters - 1).join('')}…`;
}

/** Hands a mark to the run of this folder. Errors: those of the file system. */
export async function sendMark(directory: string, text: string): Promise<SentMark> {
  const sent = { id: randomBytes(6).toString('hex'), text, ns: String(process.hrtime.bigint()) };
  // One write of less than a page: marks that are sent at the same time do not mix.
  await appendFile(path.join(directory, fileName), `${JSON.stringify(sent)}\n`);
  return sent;
}

/** Calls `received` for each mark that other processes hand to the run of this folder; until disposed, and once more then. */
export function receiveMarks(
  directory: string,
  received: (mark: SentMark) => void,
): AsyncDisposable {
  const lines = new MarkLines(path.join(directory, fileName), received);
  const timer = setInterval(() => void lines.read(), everyMs);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await lines.read();
    },
  };
}

class MarkLines {
  readonly #file: string;
  readonly #received: (mark: SentMark) => void;
  #at = 0;
  #reading: Promise<void> | undefined;

  constructor(file: string, received: (mark: SentMark) => void) {
    this.#file = file;
    this.#received = received;
  }

  /** One reading at a time. A file that is not there, or cannot be read, has no marks. */
  async read(): Promise<void> {
    await this.#reading;
    this.#reading = this.#readOn().catch(() => undefined);
    await this.#reading;
  }

  async #readOn(): Promise<void> {
    await using file = await open(this.#file, 'r');
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(mostBytes),
      position: this.#at,
    });
    const whole = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    // A line that never ends is none of ours.
    this.#at += whole === 0 && bytesRead === mostBytes ? bytesRead : whole;
    for (const line of buffer.toString('utf8', 0, whole).split('\n')) {
      const mark = parsed(line);
      if (mark) this.#received(mark);
    }
  }
}

function parsed(line: string): SentMark | undefined {
  try {
    const { id, text, ns } = JSON.parse(line) as Partial<Record<keyof SentMark, unknown>>;
    if (typeof id !== 'string' || typeof text !== 'string' || typeof ns !== 'string') return;
    const clean = markText(text);
    return clean === undefined || !/^\d{1,19}$/.test(ns) ? undefined : { id, text: clean, ns };
  } catch {
    return undefined;
  }
}
