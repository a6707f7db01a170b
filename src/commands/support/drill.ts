import { markText, sendMark } from '../../evidence/marks/marks.ts';
import { messageOf } from '../../std/errors.ts';
import type { LiveEvent } from '../../terminal/live-state.ts';
import type { Screen } from '../../terminal/screen.ts';
import { readTypedLines } from '../../terminal/typed-lines.ts';
import type { TakeInterrupt } from './command-host.ts';

interface DrillOptions {
  readonly screen: Pick<Screen, 'typed'>;
  readonly isDrawn: boolean;
  readonly log: (line: string) => void;
  readonly takeInterrupt: TakeInterrupt | undefined;
}

/** A person's part in a load without an end of its own: lines that they type are marks, and Ctrl-C ends the load. */
export class Drill implements Disposable {
  readonly #options: DrillOptions;
  readonly #ended = new AbortController();
  readonly #open = new DisposableStack();
  #directory: string | undefined;

  constructor(options: DrillOptions) {
    this.#options = options;
  }

  /** Aborted when the load is to end. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  begin(directory: string): void {
    this.#directory = directory;
  }

  /** Until the load runs, Ctrl-C interrupts; when it has ended, it does so again. */
  event(event: LiveEvent): void {
    if (event.type !== 'load') return;
    if (event.edge === 'begin') this.#listen();
    if (event.edge === 'end') this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#open.dispose();
  }

  #listen(): void {
    const { takeInterrupt, log, isDrawn, screen } = this.#options;
    const end = () => this.#ended.abort();
    const says = 'ending the load, then reading back and judging';
    if (takeInterrupt) this.#open.use(takeInterrupt(says, end));
    this.#open.use(
      readTypedLines(process.stdin, isDrawn, {
        line: (text) => void this.#mark(text),
        typed: (text) => screen.typed(text),
      }),
    );
    log('do what you planned; a line and Enter, or `forkpoint mark TEXT`, marks a moment');
    log('Ctrl-C ends the load and prints the report');
  }

  async #mark(line: string): Promise<void> {
    const text = markText(line);
    if (text === undefined || this.#directory === undefined) return;
    try {
      await sendMark(this.#directory, text);
    } catch (error) {
      this.#options.log(`'${text}' is not marked: ${messageOf(error)}`);
    }
  }
}
