import type { Json } from '../../../contracts/json.ts';

/** What the parameters of a cluster file ask of the pod that runs with them. */
export interface Asked {
  /** Where the database's pods are; undefined: it is no cluster of pods, so nothing is asked of the API. */
  readonly namespace: string | undefined;
  readonly consent: readonly string[];
  /** Environment variables that hold secrets, `{ env: NAME }`. */
  readonly variables: readonly string[];
  /** Files that it names, as they stand there: secrets, certificates. */
  readonly files: readonly string[];
  /** Secrets of the cluster that it names. */
  readonly secrets: readonly string[];
  readonly hasJob: boolean;
  readonly hasHelper: boolean;
  /** Account of the pod that takes changes of the API back; undefined: the file names none. */
  readonly undoAs: string | undefined;
  /** Where the leader lock is read: configMaps, endpoints or lease. */
  readonly lock: string | undefined;
  /** Its DCS is the API server. */
  readonly isDcsKubernetes: boolean;
}

const certificateKeys = ['rootCert', 'cert', 'key'];

/** Of any backend's file: by the shapes that all of them write secrets and files in. */
export function askedBy({ backend, params }: { backend: string; params: Json }): Asked {
  const variables = new Set<string>();
  const files = new Set<string>();
  const secrets = new Set<string>();
  walk(params, (key, value) => {
    if (typeof value !== 'string') return;
    if (key === 'env') variables.add(value);
    if (key === 'secret') secrets.add(value);
    if (key === 'file') files.add(value);
    if (certificateKeys.includes(key) && value !== 'system') files.add(value);
  });
  const consent = at(params, 'consent');
  const namespace = at(params, 'namespace');
  const usual = backend === 'kubernetes' ? 'default' : undefined;
  return {
    namespace: typeof namespace === 'string' ? namespace : usual,
    consent: Array.isArray(consent) ? consent.map(String) : [],
    variables: [...variables],
    files: [...files],
    secrets: [...secrets],
    lock: Object.keys(at(params, 'lock') ?? {})[0],
    hasHelper: at(params, 'helper') !== undefined,
    undoAs: textAt(at(params, 'helper'), 'undoAs'),
    isDcsKubernetes: at(params, 'dcs') === 'kubernetes',
    hasJob: at(at(at(params, 'sites'), 'clients'), 'job') !== undefined,
  };
}

function walk(value: Json | undefined, visit: (key: string, value: Json) => void): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries<Json>(value as Readonly<Record<string, Json>>)) {
    visit(key, inner);
    walk(inner, visit);
  }
}

function textAt(value: Json | undefined, key: string): string | undefined {
  const found = at(value, key);
  return typeof found === 'string' ? found : undefined;
}

function at(value: Json | undefined, key: string): Json | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, Json>>)[key];
}
