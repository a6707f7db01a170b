import type { LiveCluster } from '../../contracts/backend.ts';
import { reportsFolder } from '../../evidence/store/run-folders.ts';
import { ScenarioError } from '../../std/errors.ts';
import { ask, openEngine } from '../../shells/docker/engine.ts';
import { isBeside, isOrphan, isOthers, runLabel } from './labels.ts';
import { recordOf } from './record.ts';

/**
 * Clusters that are up, by their labels: also that of a killed run, which can be entered and verified until a start or
 * `clean` removes it. Errors: EnvironmentError when no engine answers.
 */
export async function liveClusters(): Promise<readonly LiveCluster[]> {
  const engine = openEngine();
  const containers = await ask('list containers', () =>
    engine.listContainers({ filters: { label: [runLabel] } }),
  );
  const byRun = new Map<string, Found>();
  for (const {
    Id: containerId,
    Names: [fullName = ''],
    Labels: labels,
  } of containers) {
    const id = labels[runLabel];
    if (id === undefined || isBeside(labels)) continue;
    const found = byRun.get(id) ?? {
      nodes: new Map(),
      isLeftover: isOrphan(labels),
      isOthers: true,
    };
    // What joined it later, a client say, may not say whose it is.
    found.isOthers &&= isOthers(labels, reportsFolder());
    found.nodes.set(fullName.replace(`/forkpoint-${id}-`, ''), containerId);
    byRun.set(id, found);
  }
  return [...byRun].map(([id, found]) => liveCluster(id, found));
}

interface Found {
  readonly nodes: Map<string, string>;
  readonly isLeftover: boolean;
  isOthers: boolean;
}

function liveCluster(id: string, { nodes, ...about }: Found): LiveCluster {
  const enter = (node: string, argv: readonly string[]): readonly string[] => {
    const container = nodes.get(node);
    if (container === undefined) {
      throw new ScenarioError(
        `lab ${id} has no ${node}; it has ${[...nodes.keys()].sort().join(', ')}`,
      );
    }
    const terminal = process.stdin.isTTY && process.stdout.isTTY ? ['-it'] : ['-i'];
    return ['docker', 'exec', ...terminal, '--user', '0', container, ...argv];
  };
  // Through the image's own default socket: it needs no password and works without a network.
  const psql = (node: string) => enter(node, ['psql', '-U', 'postgres', '-d', 'postgres']);
  return { id, backend: 'docker', record: recordOf(id), ...about, enter, psql };
}
