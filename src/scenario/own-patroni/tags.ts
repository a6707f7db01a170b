import type { Json } from '../../contracts/json.ts';
import type { Raw } from '../parse/mapping.ts';
import type { Path } from '../parse/parse-yaml.ts';
import type { FitContext } from './context.ts';

/** Tags that older versions of Patroni ignore. Source: Patroni's release notes. */
const since: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  failover_priority: [3, 2],
  nostream: [4, 0],
  sync_priority: [4, 1],
};

/** Tags as the lab's Patroni acts on them; further ones are free text, and stay. */
export function fitTags(
  tags: Raw,
  path: Path,
  { listing, contents, nodes }: Pick<FitContext, 'listing' | 'contents' | 'nodes'>,
): Readonly<Record<string, Json>> {
  const kept = Object.entries(tags).filter(([name, value]) => {
    const at = [...path, name];
    const first = since[name];
    const isIdle = value === false || value === null;
    if (first && !isIdle && isOlder(contents.patroni, first)) {
      const why = `Patroni ignores it before ${first.join('.')}, and this is ${contents.patroni ?? ''}`;
      listing.leaveOut(at, value as Json, why);
      return false;
    }
    if (name === 'replicatefrom' && typeof value === 'string' && !nodes.includes(value)) {
      listing.leaveOut(at, value, `no node of the lab is called so; nodes: ${nodes.join(', ')}`);
      return false;
    }
    return true;
  });
  return Object.fromEntries(kept) as Readonly<Record<string, Json>>;
}

function isOlder(version: string | undefined, [major, minor]: readonly [number, number]): boolean {
  if (version === undefined) return false;
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
