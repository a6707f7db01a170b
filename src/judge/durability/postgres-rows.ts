import type { DurabilityLevel, DurabilityRow } from '../../contracts/durability.ts';
import { formatDuration } from '../../std/units/units.ts';
import { commitLevels, waitsForStandbys, type CommitLevel, type Facts } from './facts.ts';
import { crashMs, waitsForAll } from './promise.ts';

/** What one value means. */
export interface Meaning {
  readonly promise: string;
  readonly level: DurabilityLevel;
}

type Rule = (value: string, facts: Facts) => Meaning;

/** Settings of every member, in the order of the table. A member with another value is named, and judged too. */
const rules: Readonly<Record<string, Rule>> = {
  fsync: (value) =>
    value === 'off'
      ? broken('a crash of the machine can take anything, and can leave the files broken')
      : ok('what is committed is on disk: losing power costs nothing'),
  full_page_writes: (value) =>
    value === 'off'
      ? risk('a page that is half written when the power fails stays broken')
      : ok('a page that is half written when the power fails is repaired from the WAL'),
  data_sync_retry: (value) =>
    value === 'on'
      ? broken('a failed fsync is tried again, and what the kernel has dropped by then is gone')
      : ok('a failed fsync ends the server, which recovers from the WAL'),
  wal_sync_method: (value) => ok(`how the WAL reaches the disk: ${value}`),
  synchronous_commit: commitMeaning,
};

export function postgresRows(facts: Facts): readonly DurabilityRow[] {
  return [
    ...Object.entries(rules).flatMap(([name, rule]) => memberRow(name, rule, facts)),
    ...standbyNamesRow(facts),
    // A single server has no server to rewind to, and no replica that needs its WAL.
    ...(isAlone(facts) ? [] : [...rewindRow(facts), ...keptWalRows(facts)]),
  ];
}

function isAlone({ settings }: Facts): boolean {
  return settings.manager.kind === 'none' && settings.members.length === 1;
}

function memberRow(setting: string, rule: Rule, facts: Facts): readonly DurabilityRow[] {
  const { primary, answered } = facts;
  const value = (primary ?? answered[0])?.parameters[setting];
  if (value === undefined) return [];
  const differs = answered.flatMap(({ node, parameters }) => {
    const found = parameters[setting];
    return found === undefined || found === value ? [] : [{ node, value: found }];
  });
  const meaning = rule(value, facts);
  if (differs.length === 0) return [{ setting, value, differs, ...meaning }];
  // The next leader may promise something else; the worst promise decides the level.
  const others = differs.map((other) => ({ ...other, ...rule(other.value, facts) }));
  const words = others.map(({ node, promise }) => `${node} leading: ${promise}`);
  const level = worstOf(['risk', meaning.level, ...others.map((other) => other.level)]);
  return [{ setting, value, differs, promise: [meaning.promise, ...words].join('; '), level }];
}

function commitMeaning(value: string, facts: Facts): Meaning {
  const level = commitLevels.find((known) => known === value);
  if (!level) return { promise: 'not a value Forkpoint knows', level: 'unknown' };
  if (level === 'off') {
    const delay = formatDuration(crashMs(facts));
    return risk(`a commit is answered before it is on disk: a crash takes up to ${delay} of them`);
  }
  const own = 'a commit is on the disk of the primary';
  if (level === 'local') return ok(`${own}; it waits for no standby, whatever the others say`);
  return waitsForStandby(facts)
    ? ok(`${own} and ${standbyHas[level] ?? ''}`)
    : ok(`${own}; there is no synchronous standby to wait for`);
}

const standbyHas: Partial<Readonly<Record<CommitLevel, string>>> = {
  remote_write: 'in the memory of a standby: lost only if both machines stop together',
  on: 'on the disk of a standby',
  remote_apply: 'on the disk of a standby, where it can be read already',
};

function waitsForStandby({ patroni, waitedFor }: Facts): boolean {
  return waitedFor > 0 || (patroni !== undefined && patroni.mode !== 'off');
}

/** Only the primary's counts: Patroni keeps it empty on replicas. */
function standbyNamesRow(facts: Facts): readonly DurabilityRow[] {
  const { primary, patroni, waitedFor, commit, settings } = facts;
  const names = primary?.parameters.synchronous_standby_names;
  if (names === undefined) return [];
  const row = (meaning: Meaning): readonly DurabilityRow[] => [
    { setting: 'synchronous_standby_names', value: names || "''", differs: [], ...meaning },
  ];
  const isMode = patroni !== undefined && patroni.mode !== 'off';
  if (waitedFor === 0 && isMode) {
    return row(
      risk('Patroni has not chosen a standby: until then commits are on the primary alone'),
    );
  }
  if (waitedFor === 0) {
    return row(
      settings.manager.kind === 'none'
        ? ok('a commit waits for no standby')
        : risk('a commit waits for no standby: a failover loses what no standby has received'),
    );
  }
  if (commit && !waitsForStandbys(commit)) {
    return row(risk(`without effect: synchronous_commit is ${commit}`));
  }
  if (isMode || waitsForAll(facts)) {
    return row(ok(`a commit waits for ${standbys(waitedFor)}, and no failover goes past them`));
  }
  const who = `a commit waits for ${standbys(waitedFor)}`;
  return row(risk(`${who}: a failover to another takes what that one has not received`));
}

function rewindRow({ primary, answered }: Facts): readonly DurabilityRow[] {
  const parameters = (primary ?? answered[0])?.parameters;
  if (!parameters) return [];
  const { wal_log_hints: hints, data_checksums: checksums } = parameters;
  if (hints === undefined && checksums === undefined) return [];
  const canRewind = hints === 'on' || checksums === 'on';
  return [
    {
      setting: 'wal_log_hints / data_checksums',
      value: `${hints ?? 'unknown'} / ${checksums ?? 'unknown'}`,
      differs: [],
      ...(canRewind
        ? ok('pg_rewind can bring an old primary back')
        : risk('pg_rewind refuses: an old primary that has diverged must be cloned again')),
    },
  ];
}

function keptWalRows({ primary }: Facts): readonly DurabilityRow[] {
  const { wal_keep_size: keep, max_slot_wal_keep_size: slots } = primary?.parameters ?? {};
  if (keep === undefined && slots === undefined) return [];
  const meaning =
    slots === undefined || slots === '-1'
      ? ok('no limit of WAL makes a slot lose what its replica still needs; a full disk does')
      : risk(`a replica that falls behind by more than ${slots} must be cloned again`);
  const value = `${keep ?? 'unknown'} / ${slots ?? 'unknown'}`;
  return [{ setting: 'wal_keep_size / max_slot_wal_keep_size', value, differs: [], ...meaning }];
}

function standbys(count: number): string {
  return count === 1 ? '1 standby' : `${count} standbys`;
}

const order: readonly DurabilityLevel[] = ['ok', 'unknown', 'risk', 'defect'];

function worstOf(levels: readonly DurabilityLevel[]): DurabilityLevel {
  return levels.reduce((worst, level) =>
    order.indexOf(level) > order.indexOf(worst) ? level : worst,
  );
}

export function ok(promise: string): Meaning {
  return { promise, level: 'ok' };
}

export function risk(promise: string): Meaning {
  return { promise, level: 'risk' };
}

export function broken(promise: string): Meaning {
  return { promise, level: 'defect' };
}
