import type { Json } from '../../contracts/json.ts';
import { isMapping, type Raw } from '../parse/mapping.ts';
import type { FitContext } from './context.ts';

const read = new Set(['bootstrap', 'postgresql', 'tags', 'watchdog', 'restapi', 'citus']);
const dcs = new Set(['etcd', 'etcd3', 'consul', 'zookeeper', 'exhibitor', 'raft', 'kubernetes']);
/** Keys at the top that a lab has of its own. */
const labsOwn: Readonly<Record<string, string>> = {
  scope: 'forkpoint',
  name: "the node's name",
  namespace: '/service/',
  log: "a file in the member's own folder, level INFO",
  ctl: 'nothing: the harness uses the REST interface',
};

/** The keys at the top of the file beside `bootstrap`, `postgresql` and `tags`. */
export function fitTop(
  content: Raw,
  context: FitContext & { readonly environment: Readonly<Record<string, string | undefined>> },
): void {
  const { listing, environment } = context;
  for (const [key, value] of Object.entries(content) as (readonly [string, Json])[]) {
    const own = labsOwn[key];
    if (own !== undefined) listing.replace([key], value, { by: own, why: 'of the lab itself' });
    else if (dcs.has(key)) {
      const why = 'the DCS of a lab; what is particular to yours is not tested';
      listing.replace([key], value, { by: 'etcd v3, without TLS', why });
    } else if (!read.has(key)) {
      listing.leaveOut(
        [key],
        value,
        'Patroni does not know it, and ignores it on your cluster, too',
      );
    }
  }
  fitRest(content.restapi, context);
  fitWatchdog(content.watchdog, context);
  if (content.citus !== undefined) {
    listing.refuse(['citus'], 'needs the extension Citus and several groups, which no lab has');
  }
  const ofPatroni = Object.keys(environment).filter((name) => name.startsWith('PATRONI_'));
  for (const name of ofPatroni.sort()) {
    listing.add(name, null, 'a variable of this environment: members of a lab do not inherit it');
  }
}

function fitRest(restapi: unknown, { listing }: FitContext): void {
  if (!isMapping(restapi)) return;
  for (const [key, value] of Object.entries(restapi) as (readonly [string, Json])[]) {
    const at = ['restapi', key];
    const isAddress = ['listen', 'connect_address'].includes(key);
    if (isAddress)
      listing.replace(at, value, { by: 'an address in the lab', why: 'of the lab itself' });
    else listing.leaveOut(at, value, "the lab's REST interface is without TLS, login and lists");
  }
}

/** Patroni's default is automatic: a watchdog where there is a device. */
function fitWatchdog(watchdog: unknown, { listing }: FitContext): void {
  if (watchdog === undefined || watchdog === null) return;
  const mode = isMapping(watchdog) ? watchdog.mode : undefined;
  if (mode === 'off' || mode === false) return;
  const why =
    mode === 'required'
      ? 'a lab has no watchdog device: a member of yours without one would never lead'
      : 'a lab has no watchdog device: members run as yours do without one';
  listing.replace(['watchdog'], watchdog as Json, { by: 'mode: off', why });
}
