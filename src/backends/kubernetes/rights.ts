import type { CapabilityName } from '../../contracts/cluster.ts';

/** One line of RBAC. */
export interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Beyond any namespace: a ClusterRole gives it. */
  readonly isClusterWide?: true;
}

type Rights = Readonly<Partial<Record<CapabilityName, readonly Right[]>>>;

export const chaosGroup = 'chaos-mesh.org';
const chaosResources = ['networkchaos', 'iochaos', 'timechaos'];

/** What a harm needs beyond looking at pods: the one list for manifests and for what is asked before a run. */
export const rights: Rights = {
  // `list` is for `clean`, which finds Kubernetes nodes by our label.
  host: [{ group: '', resource: 'nodes', verbs: ['get', 'list', 'patch'], isClusterWide: true }],
  neighbours: [
    { group: '', resource: 'pods', verbs: ['get', 'list'], isClusterWide: true },
    { group: '', resource: 'pods/eviction', verbs: ['create'], isClusterWide: true },
  ],
  volume: [
    { group: '', resource: 'persistentvolumeclaims', verbs: ['get', 'delete'] },
    { group: '', resource: 'pods', verbs: ['delete'] },
  ],
  scale: [{ group: 'apps', resource: 'statefulsets', verbs: ['get', 'list', 'patch'] }],
  chaos: chaosResources.map((resource) => {
    return { group: chaosGroup, resource, verbs: ['get', 'list', 'create', 'delete'] };
  }),
};

/** What the account of the undo pod needs for the same: to take it back. */
export const undoRights: Rights = {
  host: [{ group: '', resource: 'nodes', verbs: ['patch'], isClusterWide: true }],
  scale: [{ group: 'apps', resource: 'statefulsets', verbs: ['patch'] }],
  chaos: chaosResources.map((resource) => ({ group: chaosGroup, resource, verbs: ['delete'] })),
};

/** Harms that are undone in the API, so that the undo pod must be there when this process has died. */
export const takenBack = Object.keys(undoRights) as readonly CapabilityName[];
