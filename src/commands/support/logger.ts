import { plain } from '../../std/plain.ts';
import { tell } from '../../std/output.ts';
import { onLongWait } from '../../std/wait.ts';
import { seconds } from '../../std/units/shown.ts';

/** Writes lines, each with the time since this call; default: to stderr. */
export function logger(
  write: (line: string) => void = (line) => tell(`${line}\n`),
): (line: string) => void {
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
