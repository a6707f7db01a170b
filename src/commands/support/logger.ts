import { plain } from '../../std/plain.ts';
import { tell } from '../../std/output.ts';
import { wrapped } from '../../terminal/wrap.ts';
import { onLongWait } from '../../std/wait.ts';
import { seconds } from '../../std/units/shown.ts';

/** A line for people, on stderr; on a terminal no word of it is split. */
export function tellLine(line: string): void {
  const { stderr } = process;
  const columns = stderr.isTTY ? stderr.columns || 80 : Infinity;
  tell(`${wrapped(line, columns).join('\n')}\n`);
}

/** Writes lines, each with the time since this call; default: to stderr. */
export function logger(write: (line: string) => void = tellLine): (line: string) => void {
  const startedMs = performance.now();
  return (line) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
    write(`${seconds} s  ${plain(line)}`);
  };
}

/** Logs what is awaited, since when, and the limit. */
export function sayLongWaits(log: (line: string) => void): Disposable {
  return onLongWait(({ what, waitedMs, timeoutMs, lastSeen }) => {
    const seen = lastSeen === undefined ? '' : `; last seen: ${lastSeen}`;
    log(`  waiting until ${what}: ${seconds(waitedMs)} of at most ${seconds(timeoutMs)}${seen}`);
  });
}
