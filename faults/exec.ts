import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import type { ExecResult } from '../src/contracts/shell.ts';
import { ClusterError } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';

const argv = z.array(z.string()).min(1);

const params = z.strictObject({
  /** A command and its arguments, run on each target without a shell: `[bash, -c, "..."]` for one. */
  inject: argv,
  /** Undoes it. Must be harmless if nothing was done, and when run twice. */
  heal: argv.optional(),
  /**
   * Only looks: exit code 0 while the harm is in force, 1 (with the reason on stdout) when others undid it. Without it nothing is
   * looked at: only you know what your command leaves behind.
   */
  inForce: argv.optional(),
});

const charactersKept = 2_000;

/**
 * A command of the user's own, on the nodes only: in a lab its effects end with the lab. Not on the host, where the end of
 * the lab would undo nothing, and `forkpoint heal` could not know what the command changed.
 */
const exec: Fault<z.infer<typeof params>> = {
  summary: 'Runs a command of yours on its targets, and another one to heal.',
  params,
  example: { inject: ['harm'], heal: ['heal'], inForce: ['look'] },
  targets: 'nodes',
  needs: () => ['shell'],

  async inject(targets, { inject, heal }, { undo, signal }) {
    if (heal) for (const { name } of targets) undo({ do: 'exec', node: name, argv: heal });
    const said = await allDone(
      targets.map(async (node) => [node.name, await runOn(node, inject, signal)] as const),
    );
    return { output: Object.fromEntries(said) };
  },

  async lapsed(targets, { inForce }, { signal }) {
    if (!inForce) return undefined;
    const found = await allDone(targets.map((node) => lapseOn(node, inForce, signal)));
    return found.find((lapse) => lapse !== undefined);
  },
};
export default exec;

/** Errors: ClusterError with the command's output if its exit code is not 0. */
async function runOn(
  node: Machine,
  command: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const result = await resultOn(node, command, signal);
  if (result.exitCode !== 0) throw failed(node, command, result);
  return result.stdout.trim().slice(0, charactersKept);
}

/** Errors: ClusterError if the command says neither yes nor no. */
async function lapseOn(
  node: Machine,
  command: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const result = await resultOn(node, command, signal);
  if (result.exitCode === 0) return undefined;
  if (result.exitCode !== 1) throw failed(node, command, result);
  const why = result.stdout.trim().slice(0, charactersKept);
  return `${node.name}: ${command.join(' ')} found it undone${why === '' ? '' : `: ${why}`}`;
}

function resultOn(node: Machine, command: readonly string[], signal: AbortSignal) {
  const { shell } = node;
  if (!shell) throw new ClusterError(`${node.name}: no shell leads to its machine`);
  return shell.run(command, { signal });
}

function failed(
  { name }: Machine,
  command: readonly string[],
  { exitCode, stdout, stderr }: ExecResult,
): ClusterError {
  const said = (stderr || stdout).trim().slice(-charactersKept);
  return new ClusterError(`${name}: ${command.join(' ')}: exit code ${exitCode}: ${said}`);
}
