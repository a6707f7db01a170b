import type { Node, ProcessTarget } from '../../src/contracts/cluster.ts';
import { lacks } from '../../src/std/errors.ts';

/** Names of the targets of which it is so; undefined: of none. */
export async function nodesWhere(
  targets: readonly Node[],
  isSo: (node: Node) => Promise<boolean>,
): Promise<string | undefined> {
  const found = await Promise.all(
    targets.map(async (node) => ((await isSo(node)) ? [node.name] : [])),
  );
  const names = found.flat();
  return names.length === 0 ? undefined : names.join(', ');
}

/** For `lapsed`: what was killed or stopped runs again before anybody healed it. */
export async function runsAgain(
  targets: readonly Node[],
  target: ProcessTarget,
): Promise<string | undefined> {
  const where = await nodesWhere(targets, (node) => {
    return (node.process ?? lacks(node, 'processes')).isRunning(target);
  });
  return where && `${wordFor(target)} runs on ${where}, started by others`;
}

/**
 * For `lapsed`: what was frozen goes on before anybody healed it. What is gone meanwhile is silent as before, and another step
 * may have killed it.
 */
export async function isThawed(
  targets: readonly Node[],
  target: ProcessTarget,
): Promise<string | undefined> {
  const where = await nodesWhere(targets, async (node) => {
    return (await (node.process ?? lacks(node, 'processes')).state(target)) === 'running';
  });
  return where && `${wordFor(target)} goes on on ${where}, continued by others`;
}

function wordFor(target: ProcessTarget): string {
  return target === 'node' ? 'Patroni or PostgreSQL' : target;
}
