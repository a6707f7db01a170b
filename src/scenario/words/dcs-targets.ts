import { suggestion } from '../../std/suggest.ts';
import { type ClusterShape, problemOfTarget, targetsOf } from './targets.ts';

/** Each word for members of the DCS and its meaning; their names, and `dcs-member of NODE`, are targets too. */
export const dcsWords = {
  'dcs-leader': 'the member that leads the others',
  'dcs-minority': 'the most that keep the quorum, in the order of the backend',
  'dcs-quorum': 'enough to break the quorum, in the order of the backend',
  'dcs-all': 'every member',
} as const;

const ofNode = /^dcs-member of (.+)$/;

/** The target in `dcs-member of leader`, whose nodes ask the members that are meant; undefined for any other target. */
export function askingNodes(target: string): string | undefined {
  return ofNode.exec(target)?.[1]?.trim();
}

/** Why no member of the DCS can match a target; undefined when one can. */
export function problemOfDcsTarget(target: string, shape: ClusterShape): string | undefined {
  if (targetsOf(target) !== undefined || Object.hasOwn(dcsWords, target)) return undefined;
  const asking = askingNodes(target);
  if (asking !== undefined) return problemOfTarget(asking, shape);
  const { dcs = [] } = shape;
  if (dcs.includes(target) || dcs.length === 0) return undefined;
  const known = [...Object.keys(dcsWords), 'dcs-member of leader', ...dcs];
  return `'${target}' is no member of the DCS${suggestion(target, known)}`;
}
