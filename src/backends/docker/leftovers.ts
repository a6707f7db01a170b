import { ask, askUnlessGone, openEngine, type Engine } from './engine.ts';
import { isOrphan, runLabel, type Labels } from './labels.ts';

const filters = { label: [runLabel] };

/**
 * Removes what killed runs left in the engine: containers, networks and volumes whose owner has ended. Returns the
 * ids of those runs. Errors: EnvironmentError.
 */
export async function cleanLeftovers(engine: Engine = openEngine()): Promise<readonly string[]> {
  return removeWhere(engine, isOrphan);
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
  const found = {
    containers: containers.filter(({ Labels: labels }) => isWanted(labels)),
    networks: networks.filter(({ Labels: labels }) => isWanted(labels ?? {})),
    volumes: ((volumes as typeof volumes | null) ?? []).filter(({ Labels: labels }) =>
      isWanted(labels),
    ),
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
