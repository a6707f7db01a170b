import type { Node, ProcessTarget } from '../../src/contracts/cluster.ts';
import { lacks } from '../../src/std/errors.ts';

/** For `lapsed`: what was killed or stopped runs again before anybody healed it. */
export async function runsAgain(
  targets: readonly Node[],
  target: ProcessTarget,
): Promise<string | undefined> {
  const running = await Promise.all(
    targets.map(async (node) => {
      const isRunning = await (node.process ?? lacks(node, 'processes')).isRunning(target);
      return isRunning ? [node.name] : [];
    }),
  );
  const names = running.flat();
  if (names.length === 0) return undefined;
  const what = target === 'node' ? 'Patroni or PostgreSQL' : target;
  return `${what} runs on ${names.join(', ')}, started by others`;
}
