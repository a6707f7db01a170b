import { ask, askUnlessGone, type Engine } from '../../shells/docker/engine.ts';
import { ownLabels } from './labels.ts';

let count = 0;

/**
 * Registers in the engine that this process works on another's cluster, until the returned function is called: a start,
 * and `clean`, then leave the cluster alone, even if the run that made it was killed. A volume, because the labels of a
 * container cannot change; it stores nothing.
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
