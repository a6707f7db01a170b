import { z } from 'zod';
import type { Node } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';

const argv = z.array(z.string()).min(1);

const params = z.strictObject({
  /** A command and its arguments, run on each target without a shell: `[bash, -c, "..."]` for one. */
  inject: argv,
  /** Undoes it. Must be harmless if nothing was done, and when run twice. */
  heal: argv.optional(),
});

const charactersKept = 2_000;

/**
 * A command of the user's own, on the nodes only: in a lab its effects end with the lab. Not on the host, where the end of
 * the lab would undo nothing, and `forkpoint heal` could not know what the command changed.
 */
const exec: Fault<z.infer<typeof params>> = {
  summary: 'Runs a command of yours on its targets, and another one to heal.',
  params,
  example: { inject: ['harm'], heal: ['heal'] },
  targets: 'nodes',
  needs: () => ['shell'],

  async inject(targets, { inject, heal }, { undo, signal }) {
    if (heal) for (const { name } of targets) undo({ do: 'exec', node: name, argv: heal });
    const said = await allDone(
      targets.map(async (node) => [node.name, await runOn(node, inject, signal)] as const),
    );
    return { output: Object.fromEntries(said) };
  },
};
export default exec;

/** Errors: ClusterError with the command's output if its exit code is not 0. */
async function runOn(node: Node, command: readonly string[], signal: AbortSignal): Promise<string> {
  const { shell } = node;
  if (!shell) throw new ClusterError(`${node.name}: this backend gives no shell on its machine`);
  const { exitCode, stdout, stderr } = await shell.run(command, { signal });
  if (exitCode === 0) return stdout.trim().slice(0, charactersKept);
  const said = (stderr || stdout).trim().slice(-charactersKept);
  throw new ClusterError(`${node.name}: ${command.join(' ')}: exit code ${exitCode}: ${said}`);
}
