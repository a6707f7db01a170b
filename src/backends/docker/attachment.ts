import { ask, askUnlessGone, type Engine } from '../../shells/docker/engine.ts';
import { ownLabels } from './labels.ts';

let count = 0;

/**
 * Says in the engine that this process works on a cluster of another's, until the returned function is called: a start,
 * and `clean`, then leave it alone, although the run that made it was killed. A volume, since the labels of a container
 * cannot change; nothing is stored in it.
 * Errors: EnvironmentError.
 */
export async function markAttached(engine: Engine, id: string): Promise<() => Promise<void>> {
  count += 1;
  const name = `forkpoint-${id}-attached-${process.pid}-${count}`;
  await ask(`create volume ${name}`, () =>
    engine.createVolume({ Name: name, Labels: { ...ownLabels(id) } }),
  );
  return () => askUnlessGone(`remove volume ${name}`, () => engine.getVolume(name).remove());
}
