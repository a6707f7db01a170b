import type { ProcessControl } from '../../contracts/cluster.ts';
import { serverProcesses } from '../../machine/server-processes.ts';
import type { ShelledMachine } from '../../machine/run-script.ts';
import { ClusterError } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';
import { ask, type Container } from '../../shells/docker/engine.ts';

const readyTimeoutMs = 60_000;
const goneTimeoutMs = 10_000;

interface SingleMachine extends ShelledMachine {
  readonly container: Container;
}

/** In the container's own pid namespace, whose first process takes no SIGKILL or SIGSTOP from inside. */
const firstPid = 1;

/**
 * The server is the container: its first process is the postmaster, or starts it, and cannot be killed from inside. A signal
 * to all processes is a freeze.
 */
export function singleProcess(
  { name, container, shell }: SingleMachine,
  isReady: () => Promise<boolean>,
): ProcessControl {
  const state = async () => (await container.inspect()).State;
  const isRunning = async () => (await state()).Running;
  const inside = serverProcesses({ name, shell });
  return {
    servers: inside.servers,
    signalServers: async (pids, signal) => {
      const others = pids.filter((pid) => pid !== firstPid);
      const received = await inside.signalServers(others, signal);
      if (others.length === pids.length) return received;
      await ask(`${signal} to the postmaster on ${name}`, () => container.kill({ signal }));
      return [firstPid, ...received];
    },
    signal: (target, signal) =>
      ask(`${signal} to ${target} on ${name}`, async () => {
        if (target === 'patroni') throw new ClusterError(`${name} runs without Patroni`);
        if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
          const { Paused: isPaused, Running: runs } = await state();
          if (signal === 'SIGSTOP' && !isPaused) await container.pause();
          if (signal === 'SIGCONT' && isPaused && runs) await container.unpause();
          return;
        }
        // An orderly stop of a node disconnects its clients; SIGTERM would make the server wait until they disconnect.
        await container.kill({
          signal: target === 'node' && signal === 'SIGTERM' ? 'SIGINT' : signal,
        });
        if (signal !== 'SIGKILL') return;
        await waitUntil(`${name} is gone`, async () => !(await isRunning()), {
          timeoutMs: goneTimeoutMs,
          everyMs: 20,
        });
      }),
    start: async () => {
      if (!(await isRunning())) await ask(`start ${name}`, () => container.start());
      await waitUntil(`${name} takes connections`, isReady, { timeoutMs: readyTimeoutMs });
    },
    isRunning: (target) => (target === 'patroni' ? Promise.resolve(false) : isRunning()),
    state: async (target) => {
      const { Paused: isPaused, Running: runs } = await state();
      if (target === 'patroni' || !runs) return 'gone';
      return isPaused ? 'frozen' : 'running';
    },
  };
}
