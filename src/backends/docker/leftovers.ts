import { ask, askUnlessGone, openEngine, type Engine } from '../../shells/docker/engine.ts';
import { isAbandoned, isOrphan, runLabel, type Labels } from './labels.ts';

const filters = { label: [runLabel] };

/**
 * Removes everything that killed runs left in the engine: containers, networks and volumes whose owner has ended. Returns
 * the ids of those runs. Errors: EnvironmentError.
 */
export async function cleanLeftovers(engine: Engine = openEngine()): Promise<readonly string[]> {
  return removeWhere(engine, isOrphan);
}

/**
 * For a start: removes and reports what killed runs left at least an hour ago; younger clusters can still be verified.
 * Errors: EnvironmentError.
 */
export async function cleanAbandoned(engine: Engine, log: (line: string) => void): Promise<void> {
  const removed = await removeWhere(engine, isAbandoned);
  if (removed.length > 0) log(`removed what ${removed.join(', ')} left behind`);
  const containers = await ask('list what runs left', () => engine.listContainers({ filters }));
  const kept = containers.filter(({ Labels: labels }) => isOrphan(labels));
  const ids = [...new Set(kept.map(({ Labels: labels }) => labels[runLabel] ?? ''))].sort();
  if (ids.length === 0) return;
  log(
    `killed within the last hour, and kept for \`verify\`: ${ids.join(', ')}; \`forkpoint clean\` removes it`,
  );
}

/** Removes everything of one run, containers first: a network in use cannot go. */
export async function removeRun(engine: Engine, runId: string): Promise<void> {
  await removeWhere(engine, (labels) => labels[runLabel] === runId);
}

async function removeWhere(
  engine: Engine,
  isWanted: (labels: Labels) => boolean,
): Promise<readonly string[]> {
  const [containers, networks, { Volumes: volumes }] = await ask('list what runs left', () =>
    Promise.all([
      engine.listContainers({ all: true, filters }),
      engine.listNetworks({ filters }),
      engine.listVolumes({ filters }),
    ]),
  );
  const all = [...containers, ...networks, ...((volumes as typeof volumes | null) ?? [])];
  // If another process works on a killed run's cluster, all of the cluster stays.
  const spared = new Set(
    all.filter((one) => !isWanted(one.Labels ?? {})).map((one) => one.Labels?.[runLabel]),
  );
  const isSurplus = ({ Labels: labels }: { readonly Labels?: Labels | undefined }) =>
    !spared.has(labels?.[runLabel]);
  const found = {
    containers: containers.filter(isSurplus),
    networks: networks.filter(isSurplus),
    volumes: ((volumes as typeof volumes | null) ?? []).filter(isSurplus),
  };
  await Promise.all(
    found.containers.map(({ Id: id }) =>
      askUnlessGone(`remove container ${id.slice(0, 12)}`, () =>
        engine.getContainer(id).remove({ force: true, v: true }),
      ),
    ),
  );
  await Promise.all([
    ...found.networks.map(({ Id: id, Name: name }) =>
      askUnlessGone(`remove network ${name}`, () => engine.getNetwork(id).remove()),
    ),
    ...found.volumes.map(({ Name: name }) =>
      askUnlessGone(`remove volume ${name}`, () => engine.getVolume(name).remove()),
    ),
  ]);
  const owners = [...found.containers, ...found.networks, ...found.volumes];
  return [...new Set(owners.map(({ Labels: labels }) => labels?.[runLabel] ?? ''))].sort();
}
