import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import type { ExecResult } from '../src/contracts/shell.ts';
import { ClusterError } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { withEnvironment } from '../src/std/with-environment.ts';
import { contextOf } from './support/node-context.ts';

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

/** Of an error's text. */
const charactersShown = 2_000;
/** Of what a command says on each of its streams, in events.jsonl. */
const charactersKept = 64 * 1024;

/**
 * A command of the user's own, on the nodes only, with the node's context in its environment (NODE, ROLE, PGHOST, PGPORT,
 * PGDATA, POSTMASTER_PID, POSTGRES_PIDS), so that one command fits every node and backend. In a lab its effects end with the lab. Not on the host, where the end of
 * the lab would undo nothing, and `forkpoint heal` could not know what the command changed.
 */
const exec: Fault<z.infer<typeof params>> = {
  summary: 'Runs a command of yours on its targets, and another one to heal.',
  params,
  example: { inject: ['harm'], heal: ['heal'], inForce: ['look'] },
  targets: 'nodes',
  needs: () => ['shell'],

  async inject(targets, { inject, heal }, { cluster, undo, signal }) {
    const placed = await allDone(
      targets.map(async (node) => ({
        node,
        environment: await contextOf(node, cluster.credentials, signal),
      })),
    );
    // With the context of now: the server may be down when it is undone.
    for (const { node, environment } of placed) {
      if (heal) undo({ do: 'exec', node: node.name, argv: heal, environment });
    }
    const said = await allDone(
      placed.map(async ({ node, environment }) => {
        return [node.name, await runOn(node, inject, { environment, signal })] as const;
      }),
    );
    const errors = said.filter(([, { stderr }]) => stderr !== '');
    return {
      output: Object.fromEntries(said.map(([name, { stdout }]) => [name, stdout])),
      ...(errors.length > 0 && {
        errors: Object.fromEntries(errors.map(([name, { stderr }]) => [name, stderr])),
      }),
    };
  },

  async lapsed(targets, { inForce }, { cluster, signal }) {
    if (!inForce) return undefined;
    const found = await allDone(
      targets.map(async (node) => {
        const environment = await contextOf(node, cluster.credentials, signal);
        return lapseOn(node, inForce, { environment, signal });
      }),
    );
    return found.find((lapse) => lapse !== undefined);
  },
};
export default exec;

/** Errors: ClusterError with the command's output if its exit code is not 0. */
async function runOn(
  node: Machine,
  command: readonly string[],
  context: Context,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const result = await resultOn(node, command, context);
  if (result.exitCode !== 0) throw failed(node, command, result);
  return { stdout: kept(result.stdout), stderr: kept(result.stderr) };
}

/** Its beginning and the number of characters that are left out. */
function kept(text: string): string {
  const all = text.trim();
  if (all.length <= charactersKept) return all;
  return `${all.slice(0, charactersKept)}\n... and ${all.length - charactersKept} characters more`;
}

/** Errors: ClusterError if the command says neither yes nor no. */
async function lapseOn(
  node: Machine,
  command: readonly string[],
  context: Context,
): Promise<string | undefined> {
  const result = await resultOn(node, command, context);
  if (result.exitCode === 0) return undefined;
  if (result.exitCode !== 1) throw failed(node, command, result);
  const why = result.stdout.trim().slice(0, charactersShown);
  return `${node.name}: ${command.join(' ')} found it undone${why === '' ? '' : `: ${why}`}`;
}

interface Context {
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

function resultOn(node: Machine, command: readonly string[], context: Context) {
  const { shell } = node;
  if (!shell) throw new ClusterError(`${node.name}: no shell leads to its machine`);
  return shell.run(withEnvironment(command, context.environment), { signal: context.signal });
}

function failed(
  { name }: Machine,
  command: readonly string[],
  { exitCode, stdout, stderr }: ExecResult,
): ClusterError {
  const said = (stderr || stdout).trim().slice(-charactersShown);
  return new ClusterError(`${name}: ${command.join(' ')}: exit code ${exitCode}: ${said}`);
}
