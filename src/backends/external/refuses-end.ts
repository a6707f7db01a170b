import type { ClusterBackend } from '../../contracts/backend.ts';
import { paramsOf } from './describe.ts';

/** What the cluster file does not name has no address that a packet rule could match. */
export const refusesEnd: NonNullable<ClusterBackend['refusesEnd']> = (end, cluster) => {
  const params = paramsOf(cluster);
  if (!params) return undefined;
  if (end === 'dcs') {
    if (params.dcs.length > 0) return undefined;
    return 'the cluster file names none of its members; add dcs: [HOST:PORT]';
  }
  if (end === 'clients') return undefined;
  if (Object.keys(params.proxies).length > 0) return undefined;
  return 'the cluster file names no machine of theirs; add proxies: { NAME: { host: ..., shell: [...] } }';
};
