import { fileURLToPath } from 'node:url';
import type { Finding } from '../../contracts/finding.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { attachTerminal } from '../../std/exec.ts';
import { packageRoot } from '../../evidence/store/run-folders.ts';

/**
 * Installs an engine (root on Debian) and the project's image, with their output on the terminal: minutes of silence look
 * like a hang. Errors: EnvironmentError with everything that no script of Forkpoint can install.
 */
export async function installMissing(
  findings: readonly Finding[],
  log: (line: string) => void,
): Promise<void> {
  const hopeless = findings.filter(({ packages = [] }) => packages.length === 0);
  if (hopeless.length > 0) {
    const lines = hopeless.map(({ name, detail, remedy = '' }) => `${name}: ${detail}. ${remedy}`);
    throw new EnvironmentError(lines.join('\n'));
  }
  const needsEngine = findings.some(({ name }) => name === 'docker engine');
  const [script, word] = needsEngine ? ['engine.sh', 'start'] : ['build-image.sh', '--needed'];
  const command = ['bash', fileURLToPath(new URL(`docker/${script}`, packageRoot)), word];
  log(command.join(' '));
  // Standard output is for the findings only.
  const exitCode = await attachTerminal(['sh', '-c', 'exec "$@" >&2', 'sh', ...command]);
  if (exitCode !== 0) throw new EnvironmentError(`${command.join(' ')}: exit code ${exitCode}`);
}
