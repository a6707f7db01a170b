import type { DcsControl, Machine } from '../contracts/cluster.ts';
import { askingNodes } from '../scenario/words/dcs-targets.ts';
import { targetsOf } from '../scenario/words/targets.ts';
import { ClusterError } from '../std/errors.ts';
import { largestMinority, smallestQuorum } from '../std/units/quorum.ts';
import { resolveTargets, type TargetContext } from './resolve-targets.ts';

type Context = Omit<TargetContext, 'proxies'> & { readonly signal: AbortSignal };

/**
 * Resolves a target to members of the DCS, of which their names are known.
 * Errors: ClusterError when it matches none.
 */
export async function resolveDcsTargets(
  target: string,
  dcs: DcsControl,
  context: Context,
): Promise<readonly Machine[]> {
  const names = await namesOf(target, dcs, context);
  const { members } = dcs;
  const unknown = names.filter((name) => !members.includes(name));
  if (unknown.length > 0 || names.length === 0) {
    const what = unknown.join(', ') || target;
    throw new ClusterError(`no member of the DCS is ${what}: ${members.join(', ')}`);
  }
  return members.filter((name) => names.includes(name)).map((name) => ({ name }));
}

async function namesOf(
  target: string,
  dcs: DcsControl,
  context: Context,
): Promise<readonly string[]> {
  const { members } = dcs;
  const asking = askingNodes(target);
  if (asking !== undefined) {
    const nodes = resolveTargets(asking, context);
    return Promise.all(nodes.map(({ name }) => dcs.memberOf(name)));
  }
  const earlier = targetsOf(target);
  if (earlier !== undefined) return context.targetsOf?.(earlier) ?? [];
  switch (target) {
    case 'dcs-all':
      return members;
    case 'dcs-quorum':
      return members.slice(0, smallestQuorum(members.length));
    case 'dcs-minority':
      return members.slice(0, largestMinority(members.length));
    case 'dcs-leader': {
      const leader = await dcs.leader(context.signal);
      if (leader === undefined) throw new ClusterError('no member of the DCS says that it leads');
      return [leader];
    }
    default:
      return [target];
  }
}
