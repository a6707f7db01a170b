import type {
  ClusterSettings,
  Durability,
  DurabilityRow,
  LossPromise,
} from '../../contracts/durability.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import { archiverRow } from './archiver-row.ts';
import { notInForce, ownNotInForce } from './requested.ts';
import { factsOf, type Facts } from './facts.ts';
import { defectsOf, type KnownDefect, type Running } from './known-defects.ts';
import { patroniRows, watchdogRow } from './patroni-rows.ts';
import { postgresRows } from './postgres-rows.ts';
import { lossPromise } from './promise.ts';

/** What a cluster's settings promise, and what they do not: settings in, rows out. Nothing is read and nothing guessed. */
export function judgeDurability(
  settings: ClusterSettings,
  load: Pick<LoadSpec, 'synchronousCommit'> & { readonly isUnlogged?: boolean } = {},
): Durability {
  const facts = factsOf(settings, load.synchronousCommit);
  const ignored = [...notInForce(facts), ...ownNotInForce(facts)];
  return {
    promise: load.isUnlogged ? everything : lossPromise(facts),
    rows: [
      ...(load.isUnlogged ? [unloggedRow] : []),
      ...ignored,
      ...postgresRows(facts),
      ...archiverRow(facts),
      ...patroniRows(facts),
      ...watchdogRow(facts),
      ...versionRows(facts),
    ],
    notInForce: ignored.map(({ setting }) => setting),
    problems: problemsOf(facts),
  };
}

const emptied = 'a crash or a promotion empties it, and no replica has its rows';
const everything: LossPromise = {
  mayLose: true,
  bytes: null,
  seconds: null,
  text: 'everything: the table is unlogged',
};
const unloggedRow: DurabilityRow = {
  setting: 'table',
  value: 'UNLOGGED',
  promise: emptied,
  level: 'risk',
  differs: [],
};

function versionRows({ primary, answered, patroni, settings }: Facts): readonly DurabilityRow[] {
  const postgres = (primary ?? answered[0])?.parameters.server_version;
  const running: Running = { postgres, patroni: patroni?.version, dcs: patroni?.dcs };
  return [
    ...versionRow('PostgreSQL', postgres, defectsOf('postgres', running)),
    ...(settings.manager.kind === 'patroni'
      ? versionRow('Patroni', patroni?.version, defectsOf('patroni', running))
      : []),
  ];
}

function versionRow(
  name: string,
  version: string | undefined,
  defects: readonly KnownDefect[],
): readonly DurabilityRow[] {
  const row = { setting: `${name} version`, value: version ?? 'unknown', differs: [] };
  if (version === undefined) return [{ ...row, promise: 'not known', level: 'unknown' }];
  if (defects.length === 0) {
    return [{ ...row, promise: 'Forkpoint knows no defect of it that loses writes', level: 'ok' }];
  }
  return defects.map(({ what }) => ({ ...row, promise: what, level: 'defect' }));
}

function problemsOf({ settings, primary }: Facts): readonly string[] {
  const { members } = settings;
  const silent = members.flatMap(({ node, problem }) =>
    problem === undefined ? [] : [`${node}: ${problem}`],
  );
  const primaries = members.filter(({ role }) => role === 'primary').map(({ node }) => node);
  silent.push(...(settings.own?.problems ?? []));
  if (primary) return silent;
  const found = primaries.length === 0 ? 'no member' : primaries.join(' and ');
  return [...silent, `${found} said to be the primary`];
}
