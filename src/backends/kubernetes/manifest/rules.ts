import type { Json } from '../../../contracts/json.ts';

/** What a cluster file says that asks for rights. */
export interface Wants {
  /** Harms that the file allows. */
  readonly consent: readonly string[];
  /** Secrets that it names; none: no Secret is read from the API. */
  readonly secrets: readonly string[];
  /** Load runs in pods of a Job. */
  readonly hasJob: boolean;
}

/** Harms that act on a pod through an exec. */
const byExec = ['network', 'shaping', 'disk', 'process', 'shell'];

/** The least rights in the namespace of the database: to look, and to do what the file allows. */
export function rulesOf({ consent, secrets, hasJob }: Wants): readonly Json[] {
  const allows = (harms: readonly string[]) => harms.some((harm) => consent.includes(harm));
  const named = { ...rule('', ['secrets'], ['get']), resourceNames: secrets };
  return [
    rule('', ['pods'], ['get', 'list', 'watch']),
    rule('', ['pods/log'], ['get']),
    rule('', ['services', 'endpoints', 'configmaps'], ['get', 'list']),
    rule('coordination.k8s.io', ['leases'], ['get', 'list']),
    ...(secrets.length > 0 ? [named] : []),
    ...(allows(byExec) ? execRules : []),
    ...(allows(['process']) ? podRules : []),
    ...(hasJob ? jobRules : []),
  ];
}

const execRules: readonly Json[] = [
  // A WebSocket opens with GET; newer API servers ask for `create` too.
  rule('', ['pods/exec'], ['get', 'create']),
  // Where the database's container lacks tools or rights: a container beside it, in the same pod.
  rule('', ['pods/ephemeralcontainers'], ['get', 'update', 'patch']),
];

const podRules: readonly Json[] = [
  rule('', ['pods'], ['delete']),
  rule('', ['pods/eviction'], ['create']),
  rule('apps', ['statefulsets', 'statefulsets/scale'], ['get', 'list', 'patch', 'update']),
];

const jobRules: readonly Json[] = [
  rule('batch', ['jobs'], ['get', 'list', 'watch', 'create', 'delete']),
  rule('', ['pods/attach'], ['get', 'create']),
];

/** Beyond any namespace, so only on demand: cordon and drain act on nodes. */
export const nodeRules: readonly Json[] = [rule('', ['nodes'], ['get', 'list', 'patch'])];

function rule(group: string, resources: readonly string[], verbs: readonly string[]) {
  return { apiGroups: [group], resources, verbs };
}
