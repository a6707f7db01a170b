import type { ClusterBackend } from '../../contracts/backend.ts';
import type { Fault } from '../../contracts/fault.ts';
import type { ClusterSpec, LoadSpec } from '../../contracts/scenario.ts';
import { suggestion } from '../../std/suggest.ts';
import { stepFacts } from '../step-facts.ts';
import { stepsAtMost } from './parse-steps.ts';
import type { Path } from './parse-yaml.ts';
import type { Problem } from './problems.ts';
import { isMapping, type Raw } from './mapping.ts';
import { ownKeys, stepShape } from './step-schema.ts';
import {
  awaitedTarget,
  problemOfTarget,
  shapeOf,
  targetsOf,
  type ClusterShape,
} from '../words/targets.ts';
import { problemOfDcsTarget } from '../words/dcs-targets.ts';
import { wait } from './wait-schema.ts';

/** Used when the file's own cluster cannot be read: in it every target word matches a node. */
const anyCluster = { nodes: 9, topology: 'patroni', synchronous: 'on' } as const;

interface Known {
  readonly faults: ReadonlyMap<string, Fault>;
  readonly cluster: ClusterSpec | undefined;
  readonly backend: ClusterBackend | undefined;
  readonly load: LoadSpec | undefined;
}

/**
 * The planner's checks of the names of nodes, targets and faults, for a file that has other problems and so never
 * reaches the planner: its author sees all problems at once.
 */
export function earlyPlanProblems(steps: unknown, known: Known): readonly Problem[] {
  if (!Array.isArray(steps) || steps.length > stepsAtMost) return [];
  const ids = idsOf(steps, known);
  return steps.flatMap((entry: unknown, index) => {
    if (!isMapping(entry)) return [];
    const path = ['faults', index];
    return [
      ...problemsOfNames(entry, path, { ...known, ids }),
      ...problemsOfOwn(entry, path, known),
    ];
  });
}

/** Undefined when a fault is misspelt: a reference to its default id may be right. */
function idsOf(steps: readonly unknown[], { faults }: Known): readonly string[] | undefined {
  const counts = new Map<string, number>();
  const ids = steps.filter(isMapping).flatMap(({ id, fault }) => {
    if (typeof fault !== 'string' || !faults.has(fault)) return [];
    const count = (counts.get(fault) ?? 0) + 1;
    counts.set(fault, count);
    return [typeof id === 'string' ? id : `${fault}#${count}`];
  });
  return ids.length === steps.length ? ids : undefined;
}

type Ids = readonly string[] | undefined;

function problemsOfNames(
  entry: Raw,
  path: Path,
  { faults, cluster, backend, load, ids }: Known & { readonly ids: Ids },
): readonly Problem[] {
  const shape: ClusterShape = {
    ...(cluster ? shapeOf(cluster, backend, load) : { ...anyCluster, proxies: [] }),
    names: namesIn(cluster ?? anyCluster, backend),
  };
  const kind = faults.get(String(entry.fault))?.targets;
  const awaited = (key: 'when' | 'until') => awaitedTarget(wait.safeParse(entry[key]).data);
  const targets = {
    target: kind === 'none' ? undefined : entry.target,
    when: awaited('when'),
    until: awaited('until'),
  };
  const ofTarget = (target: unknown, key: string) => {
    if (typeof target !== 'string') return undefined;
    const isOfDcs = key === 'target' && kind === 'dcs';
    const problem = isOfDcs ? problemOfDcsTarget(target, shape) : problemOfTarget(target, shape);
    return problem ?? problemOfId(targetsOf(target), ids);
  };
  const after = stepShape.after.safeParse(entry.after).data?.id;
  const messages = [
    ...Object.entries(targets).map(([key, target]) => [key, ofTarget(target, key)] as const),
    ['after', problemOfId(after, ids)] as const,
  ];
  return messages.flatMap(([key, message]) =>
    message === undefined ? [] : [{ path: [...path, key], message }],
  );
}

/** Undefined where they stand in a cluster file, which is read later. */
function namesIn(
  cluster: Pick<ClusterSpec, 'nodes' | 'topology' | 'own'>,
  backend: ClusterBackend | undefined,
): readonly string[] | undefined {
  const names = backend?.nodeNames(cluster) ?? [];
  return names.length > 0 ? names : undefined;
}

function problemOfId(id: string | undefined, ids: Ids): string | undefined {
  // `cut.2` is a repetition of `cut`; the planner checks the number.
  if (id === undefined || !ids || ids.includes(id.replace(/\.\d+$/, ''))) return undefined;
  return `there is no fault with the id '${id}'${suggestion(id, ids)}`;
}

/** Checks the fault's own keys that name nodes, such as `from`. */
function problemsOfOwn(
  entry: Raw,
  path: Path,
  { faults, cluster, backend, load }: Known,
): readonly Problem[] {
  const fault = faults.get(String(entry.fault));
  if (!fault?.problems || !cluster || !backend || !load) return [];
  const params = fault.params.safeParse(ownKeys(entry));
  const names = namesIn(cluster, backend);
  if (!params.success || !names) return [];
  const target = typeof entry.target === 'string' ? entry.target : 'none';
  return fault
    .problems(params.data, names, load, stepFacts({ target }, cluster, backend))
    .map((issue) => ({ path: [...path, ...issue.path], message: issue.message }));
}
