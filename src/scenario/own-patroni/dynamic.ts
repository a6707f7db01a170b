import type { Json } from '../../contracts/json.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { isMapping, type Raw } from '../parse/mapping.ts';
import { patroniNumbers, patroniProblems } from '../parse/patroni-keys.ts';
import type { FitContext } from './context.ts';
import { textOf } from './parameters.ts';
import { fitPostgresql } from './postgresql.ts';

const path = ['bootstrap', 'dcs'] as const;
const numbers: ReadonlySet<string> = new Set(patroniNumbers);
const checked: ReadonlySet<string> = new Set([
  ...['failsafe_mode', 'check_timeline', 'slots', 'ignore_slots'],
]);
const dropsAll = new Set(['watchdog', 'tags', 'restapi', 'log', 'scope', 'name', 'namespace']);

export interface FittedDynamic {
  readonly dynamic: Readonly<Record<string, Json>>;
  readonly synchronous?: ClusterSpec['synchronous'];
}

/** `bootstrap.dcs`: what Patroni stores in the DCS for all members. */
export function fitDynamic(dcs: Raw, context: FitContext): FittedDynamic {
  const { listing } = context;
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(dcs)) {
    const at = [...path, key];
    if (key.startsWith('synchronous_mode')) continue;
    if (key === 'postgresql' && isMapping(value)) {
      kept[key] = fitPostgresql(value, { ...context, path: at, isMembers: false });
    } else if (key === 'standby_cluster') listing.refuse(at, standby(value));
    else if (key === 'pause') {
      listing.leaveOut(
        at,
        value as Json,
        'maintenance mode: a run pauses Patroni by the fault pause-patroni',
      );
    } else if (numbers.has(key)) keepNumber(key, value, { kept, context });
    else if (checked.has(key)) {
      const problems = patroniProblems({ [key]: value });
      for (const { path: below, message } of problems) listing.refuse([...path, ...below], message);
      kept[key] = value as Json;
    } else listing.leaveOut(at, value as Json, whyNot(key));
  }
  const synchronous = modeOf(dcs, context);
  return { dynamic: kept, ...(synchronous !== undefined && { synchronous }) };
}

function keepNumber(
  key: string,
  value: unknown,
  { kept, context }: { readonly kept: Record<string, Json>; readonly context: FitContext },
): void {
  const number = typeof value === 'string' ? Number(value || NaN) : value;
  const least = key === 'maximum_lag_on_syncnode' ? -1 : 0;
  if (typeof number === 'number' && Number.isInteger(number) && number >= least) kept[key] = number;
  else context.listing.refuse([...path, key], `must be a whole number of at least ${least}`);
}

function whyNot(key: string): string {
  if (key === 'watchdog') {
    return 'not a dynamic setting: Patroni 3.0 drops the whole configuration because of it';
  }
  if (dropsAll.has(key)) return "not a dynamic setting: it belongs in each member's own file";
  return 'Patroni does not know it, and ignores it on your cluster, too';
}

function standby(value: unknown): string {
  const { host = '?', port = 5432 } = isMapping(value) ? value : {};
  return (
    `makes a standby cluster, which takes no writes, so no load could be judged on it; it needs the primary cluster at ` +
    `${textOf(host as Json) ?? '?'}:${textOf(port as Json) ?? '?'}. Give a copy of the file without this key to test the cluster as a primary one`
  );
}

/** As Patroni reads them. */
function modeOf(dcs: Raw, { listing }: FitContext): ClusterSpec['synchronous'] | undefined {
  const { synchronous_mode: mode, synchronous_mode_strict: strict } = dcs;
  if (mode === undefined && strict === undefined) return undefined;
  const isStrict = isOn(strict);
  const at = [...path, 'synchronous_mode_strict'];
  if (mode === 'quorum') {
    if (isStrict) listing.leaveOut(at, strict as Json, 'a lab has no strict quorum mode');
    return 'quorum';
  }
  if (isOn(mode)) return isStrict ? 'strict' : 'on';
  if (isStrict)
    listing.leaveOut(at, strict as Json, 'without effect where synchronous_mode is off');
  return 'off';
}

function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(?:true|on|yes|1)$/i.test(value));
}
