import { createLogUpdate } from 'log-update';
import type { Plan } from '../contracts/scenario.ts';
import { forTerminal, plain } from '../std/plain.ts';
import { tellAbove } from '../std/output.ts';
import { monotonicMs } from '../std/wait.ts';
import { frame } from './frame.ts';
import { wrapped } from './wrap.ts';
import { LiveState, type LiveEvent, type LiveStats } from './live-state.ts';

const everyMs = 250;

/** Shows the progress of a run. */
export interface Watching {
  event(event: LiveEvent): void;
  progress(stats: LiveStats): void;
  /** Prints a line that stays. */
  log(line: string): void;
}

export interface Screen extends Watching, Disposable {
  /** Shows what a person types, below the picture; undefined: nothing is typed any more. */
  typed(line: string | undefined): void;
}

export interface ScreenStream extends NodeJS.WriteStream {
  readonly columns: number;
}

/**
 * A picture of the run that is redrawn four times a second, below the lines that stay. It appears with the run's first
 * event: until then other programs, such as an installer, may be writing.
 */
export function openScreen(plan: Plan, stream: ScreenStream, isColoured: boolean): Screen {
  const state = new LiveState();
  const update = createLogUpdate(stream);
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let giveBack: (() => void) | undefined;
  let above: Disposable | undefined;
  let typed: string | undefined;
  const draw = () => {
    if (timer === undefined) return;
    const columns = stream.columns || 80;
    update(frame(state, plan, { columns, nowMs: monotonicMs(), isColoured, typed }));
  };
  const fit = (text: string) =>
    text.split('\n').flatMap((line) => wrapped(line, stream.columns || 80));
  const log = (line: string): void => {
    if (timer !== undefined) update.clear();
    stream.write(forTerminal(`${fit(line).join('\n')}\n`));
    draw();
  };
  return {
    log,
    event: (event) => {
      state.event(event, monotonicMs());
      if (event.type === 'mark') log(`  mark: ${event.text}`);
      if (isClosed || timer !== undefined) return;
      timer = setInterval(draw, everyMs);
      giveBack = takeWarnings(log);
      above = tellAbove((text) => log(text.replace(/^\n|\n$/g, '')));
    },
    progress: (stats) => state.progress(stats, monotonicMs()),
    typed: (line) => {
      typed = line;
      draw();
    },
    [Symbol.dispose]: () => {
      isClosed = true;
      if (timer === undefined) return;
      clearInterval(timer);
      giveBack?.();
      above?.[Symbol.dispose]();
      timer = undefined;
      update.clear();
      update.done();
    },
  };
}

/** Node prints a process's warnings into the picture: here each becomes a line above it. */
function takeWarnings(log: (line: string) => void): () => void {
  const listeners = process.listeners('warning');
  const tell = ({ name, message }: Error): void => log(`${name}: ${plain(message)}`);
  process.removeAllListeners('warning').on('warning', tell);
  return () => {
    process.off('warning', tell);
    for (const listener of listeners) process.on('warning', listener);
  };
}

/** Lines only: for a pipe, a log file, or --quiet. */
export function plainLines(stream: NodeJS.WriteStream): Screen {
  return {
    event: () => undefined,
    progress: () => undefined,
    typed: () => undefined,
    log: (line) => stream.write(forTerminal(`${line}\n`)),
    [Symbol.dispose]: () => undefined,
  };
}

/** Whether a picture can be drawn; a terminal without a height (`script`, some CI) would show nothing. */
export function isDrawable(stream: NodeJS.WriteStream): stream is ScreenStream {
  return (
    stream.isTTY && stream.rows > 0 && process.env.TERM !== 'dumb' && process.env.CI === undefined
  );
}

/** Any value of NO_COLOR means no colours (no-color.org). */
export function isColourWanted(): boolean {
  return (process.env.NO_COLOR ?? '') === '';
}
