import type { ScenarioRegistry } from '../../contracts/registry.ts';
import type { GroupSpec, LoadSpec } from '../../contracts/scenario.ts';
import { loadOfGroup, workloadsOf } from '../words/groups.ts';
import { hasClientReads } from '../../std/units/client-reads.ts';
import type { Findings } from './collect-problems.ts';
import { loadSchema, loadShape } from './load-schema.ts';
import { groupShape } from './group-schema.ts';
import { isMapping, type Raw } from './mapping.ts';
import { parseWork, refuseUnused, type WrittenWork } from './parse-work.ts';
import { knownKeys, unknownKey } from './problems.ts';
import { ends } from './profile-schema.ts';

interface Sources {
  readonly registry: ScenarioRegistry;
  /** The scenario's own. */
  readonly file: string;
}

/** Reads `load:`, with the keys and the files of its workload and of those of its groups. */
export function parseLoad(raw: unknown, sources: Sources, found: Findings): LoadSpec | undefined {
  if (!isMapping(raw)) {
    const message = raw === undefined ? 'is missing' : 'must be a mapping of keys to values';
    found.add({ path: ['load'], message });
    return undefined;
  }
  const load = found.read(loadSchema, raw, ['load']);
  const named = typeof raw.workload === 'string' ? raw.workload : 'ledger';
  const written = { raw, path: ['load'], shape: Object.keys(loadShape), named };
  const work = parseWork(written, load && { ...load, params: {} }, sources, found);
  if (load?.pipeline !== undefined && hasClientReads(load)) {
    const message =
      'cannot be combined with reads in the mix: a client that reads has its last answer first';
    found.add({ path: ['load', 'pipeline'], message });
  }
  requireEnd(raw, found);
  const rawGroups = isMapping(raw.groups) ? raw.groups : {};
  const whole = load && work && { ...load, ...work };
  const groups = Object.entries(rawGroups).map(([name, group]) => {
    const parsed = load?.groups?.find((each) => each.name === name);
    return (
      isMapping(group) && parseGroup({ raw: group, name, named, parsed, whole }, sources, found)
    );
  });
  if (!whole) return undefined;
  if (groups.length === 0) return whole;
  refuseUnusedWork(raw, whole, found);
  const parsed = groups.filter((group) => group !== undefined && group !== false);
  if (parsed.length < groups.length) return undefined;
  const complete = { ...whole, groups: parsed };
  refuseTables(complete, sources.registry, found);
  return complete;
}

interface WrittenGroup {
  readonly raw: Raw;
  readonly name: string;
  /** The load's workload. */
  readonly named: string;
  /** Without the keys of its workload; absent: it cannot be read. */
  readonly parsed: GroupSpec | undefined;
  readonly whole: LoadSpec | undefined;
}

/** A group with the keys of its own workload, if it has one; undefined: it has problems. */
function parseGroup(
  { raw, name, named, parsed, whole }: WrittenGroup,
  sources: Sources,
  found: Findings,
): GroupSpec | undefined {
  const path = ['load', 'groups', name];
  const shape = Object.keys(groupShape);
  const own = typeof raw.workload === 'string' ? raw.workload : undefined;
  const written: WrittenWork = { raw, path, shape, named: own ?? named };
  const load = parsed && whole && loadOfGroup(whole, parsed);
  if (own !== undefined) {
    const work = parseWork(written, load, sources, found);
    return parsed && work && { ...parsed, ...work };
  }
  const unknown = Object.keys(raw).filter((key) => !shape.includes(key));
  for (const key of unknown) {
    const owners = [...sources.registry.workloads].filter(([, { params }]) =>
      knownKeys(params).includes(key),
    );
    const message = `${key}: belongs to a workload: give the group one of its own, such as workload: ${owners[0]?.[0] ?? ''}`;
    const problem = { path: [...path, key], message, at: 'key' } as const;
    found.add(owners.length > 0 ? problem : unknownKey([...path, key], shape));
  }
  const workload = sources.registry.workloads.get(named);
  if (workload) refuseUnused(written, { workload, load }, found);
  return unknown.length === 0 ? parsed : undefined;
}

function requireEnd(raw: Raw, found: Findings): void {
  if (ends.some((key) => Object.hasOwn(raw, key))) return;
  const message = 'needs a duration such as 5s, or give stages or operations';
  found.add({ path: ['load', 'duration'], message });
}

/** Nothing is accepted that has no effect. */
function refuseUnusedWork(raw: Raw, { groups = [], readers }: LoadSpec, found: Findings): void {
  const isUsed = readers !== undefined || groups.some(({ workload }) => workload === undefined);
  if (isUsed || raw.workload === undefined) return;
  const message = 'workload: is without effect: every group has a workload of its own';
  found.add({ path: ['load', 'workload'], message, at: 'key' });
}

/** What several tables of one load cannot be judged with. */
function refuseTables(load: LoadSpec, { workloads }: ScenarioRegistry, found: Findings): void {
  const tables = workloadsOf(load).flatMap(({ group, load: { workload: name, params } }) => {
    const workload = workloads.get(name);
    const path = ['load', ...(group === undefined ? [] : ['groups', group]), 'workload'];
    return workload?.tracking === 'rows' ? [{ path, table: workload.table(params) }] : [];
  });
  if (workloadsOf(load).length < 2) return;
  const unlogged = tables.find(({ table }) => table.isUnlogged === true);
  if (unlogged) {
    const message =
      'its table cannot be unlogged beside the tables of other workloads: no replica could be read';
    found.add({ path: unlogged.path, message });
  }
  const [, second] = tables.filter(({ table }) => table.idColumn !== undefined);
  if (second) {
    const message =
      'only one workload of a load can have ids made by the server: those of two sequences are alike';
    found.add({ path: second.path, message });
  }
}
