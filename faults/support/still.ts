import type { Machine, ProcessTarget } from '../../src/contracts/cluster.ts';
import { lacks } from '../../src/std/errors.ts';

/** Names of the targets for which the predicate holds; undefined: none. */
export async function nodesWhere(
  targets: readonly Machine[],
  holds: (node: Machine) => Promise<boolean>,
): Promise<string | undefined> {
  const found = await Promise.all(
    targets.map(async (node) => ((await holds(node)) ? [node.name] : [])),
  );
  const names = found.flat();
  return names.length === 0 ? undefined : names.join(', ');
}

/** For `lapsed`: what was killed or stopped runs again before the harness healed it. */
export async function runsAgain(
  targets: readonly Machine[],
  target: ProcessTarget,
): Promise<string | undefined> {
  const where = await nodesWhere(targets, async (node) => {
    const control = node.process ?? lacks(node, 'processes');
    if (!(await control.isRunning(target))) return false;
    // Another step of the run may have started a server past Patroni.
    const isStray = target !== 'patroni' && (await node.stray?.isRunning()) === true;
    return !isStray || (await control.isRunning('patroni'));
  });
  return where && `${nameOf(target)} on ${where} was started from outside the run`;
}

/**
 * For `lapsed`: what was frozen runs again before the harness healed it. A process that is gone by now is as silent as before:
 * another step may have killed it.
 */
export async function isThawed(
  targets: readonly Machine[],
  target: ProcessTarget,
): Promise<string | undefined> {
  const where = await nodesWhere(targets, async (node) => {
    return (await (node.process ?? lacks(node, 'processes')).state(target)) === 'running';
  });
  return where && `${nameOf(target)} on ${where} was continued from outside the run`;
}

function nameOf(target: ProcessTarget): string {
  return target === 'node' ? 'Patroni or PostgreSQL' : target;
}
