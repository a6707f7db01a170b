import { plain } from '../../std/plain.ts';
import { tell } from '../../std/output.ts';
/** Lines, each with the time since this was called; to stderr unless said. */
export function logger(
  write: (line: string) => void = (line) => tell(`${line}\n`),
): (line: string) => void {
  const startedMs = performance.now();
  return (line) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
    write(`${seconds} s  ${plain(line)}`);
  };
}
