import { EnvironmentError } from '../../std/errors.ts';

/** Everything that another process needs to find a cluster again; the rest is in the engine's labels. JSON. */
export interface DockerRecord {
  readonly schemaVersion: 1;
  readonly backend: 'docker';
  readonly id: string;
}

export function recordOf(id: string): DockerRecord {
  return { schemaVersion: 1, backend: 'docker', id };
}

/** Errors: EnvironmentError when it is no record of a cluster in containers. */
export function requireRecord(raw: unknown): DockerRecord {
  const { schemaVersion, backend, id } = (raw ?? {}) as Partial<DockerRecord>;
  if (schemaVersion === 1 && backend === 'docker' && typeof id === 'string') return recordOf(id);
  throw new EnvironmentError('not the record of a cluster in containers (lab.json)');
}
