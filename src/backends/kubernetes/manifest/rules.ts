import type { Json } from '../../../contracts/json.ts';
import { rights, takenBack, undoRights } from '../rights.ts';

/** What a cluster file says that asks for rights. */
export interface Wants {
  /** Harms that the file allows. */
  readonly consent: readonly string[];
  /** Secrets that it names; none: no Secret is read from the API. */
  readonly secrets: readonly string[];
  /** Load runs in pods of a Job. */
  readonly hasJob: boolean;
  /** Where the leader lock is read: configMaps, endpoints or lease; undefined: Patroni is asked. */
  readonly lock: string | undefined;
  /** Faults act through a helper pod. */
  readonly hasHelper: boolean;
  /** Account of the pod that takes changes of the API back; undefined: there is none. */
  readonly undoAs: string | undefined;
}

/** Harms that act through a helper pod. */
const byExec = ['network', 'shaping', 'disk', 'process', 'shell'];

/** The least rights in the namespace of the database: to look, and to do what the file allows. */
export function rulesOf({
  consent,
  secrets,
  hasJob,
  hasHelper,
  undoAs,
  lock,
}: Wants): readonly Json[] {
  const allows = (harms: readonly string[]) => harms.some((harm) => consent.includes(harm));
  const named = { ...rule('', ['secrets'], ['get']), resourceNames: secrets };
  return [
    rule('', ['pods'], ['get', 'list']),
    rule('', ['pods/log'], ['get']),
    ...(lock === undefined ? [] : (lockRules[lock] ?? [])),
    ...(secrets.length > 0 ? [named] : []),
    ...((hasHelper && allows(byExec)) || (undoAs !== undefined && allows(takenBack))
      ? helperRules
      : []),
    ...(allows(['pod']) ? podRules : []),
    ...(hasJob ? jobRules : []),
    ...rulesFor(rights, consent, 'in the namespace'),
  ];
}

/** Of the account that takes changes back, in the namespace of the database. */
export function undoRulesOf({ consent }: Pick<Wants, 'consent'>): readonly Json[] {
  return rulesFor(undoRights, consent, 'in the namespace');
}

/** Beyond any namespace, so only on demand. `whose`: ours, or those of the account that takes changes back. */
export function nodeRulesOf(
  { consent }: Pick<Wants, 'consent'>,
  whose: 'ours' | 'undo',
): readonly Json[] {
  return rulesFor(whose === 'ours' ? rights : undoRights, consent, 'beyond');
}

function rulesFor(
  all: typeof rights,
  consent: readonly string[],
  where: 'in the namespace' | 'beyond',
): readonly Json[] {
  return Object.entries(all)
    .filter(([harm]) => consent.includes(harm))
    .flatMap(([, each]) => each)
    .filter(({ isClusterWide = false }) => isClusterWide === (where === 'beyond'))
    .map(({ group, resource, verbs }) => rule(group, [resource], verbs));
}

const lockRules: Readonly<Record<string, readonly Json[]>> = {
  configMaps: [rule('', ['configmaps'], ['get'])],
  endpoints: [rule('', ['endpoints'], ['get'])],
  lease: [rule('coordination.k8s.io', ['leases'], ['get'])],
};

const helperRules: readonly Json[] = [
  rule('', ['pods'], ['create', 'delete']),
  // A WebSocket opens with GET; newer API servers ask for `create` too.
  rule('', ['pods/exec'], ['get', 'create']),
];

const podRules: readonly Json[] = [
  rule('', ['pods'], ['delete']),
  rule('', ['pods/eviction'], ['create']),
];

const jobRules: readonly Json[] = [
  rule('batch', ['jobs'], ['get', 'list', 'create', 'delete']),
  rule('', ['pods/attach'], ['get', 'create']),
];

/** In namespace `default`: the address by which pods reach the API server, which cuts from the DCS need. */
export const serviceRules: readonly Json[] = [
  { ...rule('', ['services'], ['get']), resourceNames: ['kubernetes'] },
];

function rule(group: string, resources: readonly string[], verbs: readonly string[]) {
  return { apiGroups: [group], resources, verbs };
}
