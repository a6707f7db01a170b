import { spawnSync } from 'node:child_process';

export interface StartCost {
  /** User and system time. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** What one run of this Node with `args` takes; what it prints is thrown away. Errors: it did not end well. */
export function startOf(args: readonly string[], env: NodeJS.ProcessEnv = process.env): StartCost {
  const line = 'TIMEFORMAT="%U %S %R"; time "$@" > /dev/null 2>&1';
  const argv = ['-c', line, 'bash', process.execPath, ...args];
  const { stderr, status } = spawnSync('bash', argv, {
    encoding: 'utf8',
    env: { ...env, LC_ALL: 'C' },
  });
  const [user = NaN, system = NaN, wallSeconds = NaN] = stderr.trim().split(' ').map(Number);
  if (status !== 0 || Number.isNaN(wallSeconds)) {
    throw new Error(`node ${args.join(' ')}: exit code ${status ?? '?'}: ${stderr.trim()}`);
  }
  return { cpuSeconds: user + system, wallSeconds };
}
