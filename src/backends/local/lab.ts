import { ClusterError, EnvironmentError } from '../../std/errors.ts';
import { start } from '../../std/exec.ts';
import { waitUntil } from '../../std/wait.ts';
import type { Disks } from './disks.ts';
import { findExecutable } from './find-executable.ts';
import { initScript } from './init-script.ts';
import type { Layout } from '../../machine/layout.ts';
import {
  type ProcessIdentity,
  allPids,
  isAlive,
  processFacts,
} from '../../machine/process-identity.ts';

const readyTimeoutMs = 15_000;
/** The kernel frees a lab's memory before its PID 1 is gone: about a second per 10 GB. */
const goneTimeoutMs = 10_000;

/** The namespaces of one lab. Disposing it ends every process, mount, namespace and rule in them. */
export interface Lab extends AsyncDisposable {
  readonly init: ProcessIdentity;
  readonly isRootless: boolean;
}

/**
 * Makes a lab's namespaces and network.
 * Errors: EnvironmentError with the host's error; the signal's reason when aborted.
 */
export async function startLab(
  made: { readonly layout: Layout; readonly disks: Disks; readonly hasNames: boolean },
  signal: AbortSignal,
): Promise<Lab> {
  const isRootless = process.getuid?.() !== 0;
  // It ends with this process in two ways: by the kernel (pdeathsig, kill-child) and by the pipe on PID 1's standard input.
  const argv = [
    ...[findExecutable('setpriv') ?? 'setpriv', '--pdeathsig', 'KILL', '--'],
    ...['unshare', ...(isRootless ? ['-U', '--map-root-user'] : [])],
    ...['-n', '-p', '-m', '-i', '-f', '--kill-child', '--mount-proc'],
    ...['sh', '-c', initScript(made)],
  ];
  const child = start(argv, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    reject: false,
    // Ctrl-C must reach the harness, which heals and collects logs first, and not PID 1 of the lab.
    detached: true,
    env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` },
  });
  const state = { said: '', hasEnded: false };
  child.stdout?.on('data', (chunk: Buffer) => {
    state.said += chunk.toString();
  });
  // The pipe breaks when PID 1 is killed; the wait below detects that.
  child.stdin?.on('error', () => undefined);
  const ended = child.then((result) => {
    state.hasEnded = true;
    return result;
  });
  const kill = () => child.kill('SIGKILL');
  try {
    await waitUntil(
      'the lab has its namespaces and network',
      () => state.said.includes('ready') || state.hasEnded,
      { timeoutMs: readyTimeoutMs, signal, everyMs: 5 },
    );
    if (state.hasEnded) {
      const { stderr } = await ended;
      throw new EnvironmentError(`this host refused to build a lab: ${String(stderr).trim()}`);
    }
    const init = initOf(child.pid ?? 0);
    return { init, isRootless, [Symbol.asyncDispose]: () => stop(init, kill) };
  } catch (error) {
    kill();
    await ended;
    throw error;
  }
}

/** unshare's only child. */
function initOf(unsharePid: number): ProcessIdentity {
  for (const pid of allPids()) {
    const facts = processFacts(pid);
    if (facts?.parent === unsharePid) return { pid, startedTicks: facts.startedTicks };
  }
  throw new ClusterError(`the lab's first process is gone (child of ${unsharePid})`);
}

async function stop(init: ProcessIdentity, killParent: () => void): Promise<void> {
  if (isAlive(init)) process.kill(init.pid, 'SIGKILL');
  await waitUntil(`process ${init.pid} of the lab is gone`, () => !isAlive(init), {
    timeoutMs: goneTimeoutMs,
    everyMs: 5,
  });
  killParent();
}
