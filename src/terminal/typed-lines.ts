import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

export interface Typing {
  /** Called with each line. */
  line(text: string): void;
  /** Called with the line so far, whenever it changes, where the terminal itself does not show it; undefined: it is over. */
  typed(text: string | undefined): void;
}

type Input = Pick<NodeJS.ReadStream, 'isTTY' | 'setRawMode'> & NodeJS.ReadableStream;

/**
 * Reads lines from standard input until disposed; its end ends nothing. `isDrawn`: a picture is drawn on the terminal, so
 * that the terminal's own echo would be painted over.
 */
export function readTypedLines(input: Input, isDrawn: boolean, typing: Typing): Disposable {
  // Of a job in the background, a read would stop the whole process (SIGTTIN).
  if (input.isTTY && !isForeground()) return { [Symbol.dispose]: () => undefined };
  if (input.isTTY && isDrawn) return new RawLines(input, typing);
  const lines = createInterface({ input, terminal: false });
  lines.on('line', (text) => typing.line(text));
  lines.on('error', () => undefined);
  input.on('error', () => undefined);
  return {
    [Symbol.dispose]: () => {
      lines.close();
      input.pause();
    },
  };
}

const mostCharacters = 200;
/** What the terminal would make of these keys, for the whole foreground process group as it would. */
const signals: Readonly<Record<string, NodeJS.Signals>> = {
  '\u0003': 'SIGINT',
  '\u001a': 'SIGTSTP',
  '\u001c': 'SIGQUIT',
};
const processGroup = 0;

/** A line of its own, without the terminal's echo and editing. */
class RawLines implements Disposable {
  readonly #input: Input;
  readonly #typing: Typing;
  #text = '';

  constructor(input: Input, typing: Typing) {
    this.#input = input;
    this.#typing = typing;
    input.setEncoding('utf8');
    input.on('data', this.#onData).on('error', () => undefined);
    process.on('SIGCONT', this.#goOn);
    this.#goOn();
  }

  [Symbol.dispose](): void {
    process.off('SIGCONT', this.#goOn);
    this.#input.off('data', this.#onData);
    this.#rest();
    this.#typing.typed(undefined);
  }

  readonly #goOn = (): void => {
    if (!isForeground()) {
      this.#input.pause();
      return;
    }
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#typing.typed(this.#text);
  };

  #rest(): void {
    this.#input.pause();
    if (isForeground()) this.#input.setRawMode(false);
  }

  readonly #onData = (data: string | Buffer): void => {
    // Arrow keys and the like are sequences that move a cursor.
    const keys = data.toString();
    for (const key of signals[keys] ? keys : stripVTControlCharacters(keys)) this.#key(key);
    this.#typing.typed(this.#text);
  };

  #key(key: string): void {
    const signal = signals[key];
    if (signal) {
      if (signal !== 'SIGINT') this.#rest();
      process.kill(processGroup, signal);
      // After a stop this is when it goes on; where nothing stops it, at once.
      if (signal !== 'SIGINT') setImmediate(this.#goOn);
    } else if (key === '\r' || key === '\n') {
      const text = this.#text;
      this.#text = '';
      if (text.trim() !== '') this.#typing.line(text);
    } else if (key === '\u007f' || key === '\b') {
      this.#text = Array.from(this.#text).slice(0, -1).join('');
    } else if (key === '\u0015') this.#text = '';
    else if (key >= ' ' && this.#text.length < mostCharacters) this.#text += key;
  }
}

/** Whether this process belongs to the terminal's foreground process group. Source: proc(5), pgrp and tpgid in stat. */
function isForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , group, , , ofTerminal] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === ofTerminal;
  } catch {
    return true;
  }
}
