import type { Shell } from '../contracts/shell.ts';
import { ClusterError } from '../std/errors.ts';

/** A machine as its controls see it. */
export interface ShelledMachine {
  readonly name: string;
  /** Runs commands there, as root. */
  readonly shell: Shell;
}

/** A busy machine takes seconds to let ssh and sudo in. */
const timeoutMs = 30_000;

/**
 * Runs an sh script there and returns its output.
 * Errors: ClusterError with the machine, what was tried, the exit code and the error output.
 */
export async function runScript(
  { name, shell }: ShelledMachine,
  what: string,
  [script, ...args]: readonly [string, ...string[]],
): Promise<string> {
  const argv = ['sh', '-c', script, 'sh', ...args];
  const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs });
  if (exitCode === 0) return stdout;
  const said = (stderr || stdout).trim();
  throw new ClusterError(`${name}: ${what}: exit code ${exitCode}: ${said}`);
}
