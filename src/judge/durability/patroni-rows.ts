import type { DurabilityRow } from '../../contracts/durability.ts';
import { formatSize } from '../../std/units/units.ts';
import { waitsForStandbys, type Facts, type PatroniFacts } from './facts.ts';
import { ok, risk, type Meaning } from './postgres-rows.ts';
import { isSynchronous } from './promise.ts';

/** Settings of Patroni's dynamic configuration, or one row that says why they are not known. */
export function patroniRows(facts: Facts): readonly DurabilityRow[] {
  const { patroni, settings } = facts;
  if (!patroni) return absentRows(settings.manager);
  const row = (setting: string, value: string, meaning: Meaning): DurabilityRow => ({
    setting,
    value,
    differs: [],
    ...meaning,
  });
  const { ttlSeconds: ttl, loopWaitSeconds: loop, retryTimeoutSeconds: retry } = patroni;
  return [
    row('synchronous_mode', modeWords(patroni), modeMeaning(facts, patroni)),
    row('maximum_lag_on_failover', formatSize(patroni.maximumLagBytes), lagMeaning(facts, patroni)),
    row('ttl / loop_wait / retry_timeout', `${ttl}s / ${loop}s / ${retry}s`, timesMeaning(patroni)),
    row('primary_start_timeout', `${patroni.primaryStartTimeoutSeconds}s`, startMeaning(facts)),
    row('failsafe_mode', patroni.isFailsafe ? 'on' : 'off', failsafeMeaning(patroni)),
    rewindRow(patroni),
  ];
}

/** A frozen Patroni cannot demote its primary; only a watchdog ends that one in time. */
export function watchdogRow(facts: Facts): readonly DurabilityRow[] {
  if (facts.settings.manager.kind !== 'patroni') return [];
  const { answered } = facts;
  const without = answered.filter(({ hasWatchdogDevice: has }) => has === false);
  const setting = 'watchdog';
  const differs: DurabilityRow['differs'] = [];
  if (without.length > 0) {
    const value = without.length === answered.length ? 'none' : 'not on every member';
    const harm = isSynchronous(facts)
      ? ok('a frozen Patroni leaves two primaries; the old one cannot acknowledge alone')
      : risk(
          'a frozen Patroni leaves two primaries: what the old one acknowledges after ttl is lost',
        );
    return [{ setting, value, differs, ...harm }];
  }
  const isThere = answered.length > 0 && answered.every(({ hasWatchdogDevice: has }) => has);
  const promise = isThere
    ? 'every member has a device; Patroni does not report whether it holds it'
    : 'Patroni does not report it, and the device could not be looked for';
  return [{ setting, value: 'unknown', differs, promise, level: 'unknown' }];
}

function absentRows(manager: Facts['settings']['manager']): readonly DurabilityRow[] {
  if (manager.kind !== 'unknown') return [];
  const { reason: promise } = manager;
  return [{ setting: 'Patroni', value: 'unknown', differs: [], promise, level: 'unknown' }];
}

function modeWords({ mode, isStrict, nodeCount }: PatroniFacts): string {
  if (mode === 'off') return 'off';
  return [mode, ...(isStrict ? ['strict'] : []), `${nodeCount} node`].join(', ');
}

function modeMeaning({ commit }: Facts, { mode, isStrict }: PatroniFacts): Meaning {
  if (mode === 'off') {
    return risk('a failover may promote a replica that has not received all: see the next line');
  }
  if (commit && !waitsForStandbys(commit)) {
    return risk(`without effect: synchronous_commit is ${commit}, so commits wait for no standby`);
  }
  const kept = 'only a standby that has every acknowledged write is promoted';
  if (isStrict) return ok(`${kept}; without one, writing stops`);
  return ok(`${kept}; without one, writing goes on and no node is promoted`);
}

function lagMeaning(facts: Facts, { maximumLagBytes: bytes, ttlSeconds }: PatroniFacts): Meaning {
  if (isSynchronous(facts)) return ok('no acknowledged write: commits wait for a standby');
  return risk(
    `a failover can lose up to ${formatSize(bytes)} + ${ttlSeconds}s of writes; beyond that no node is promoted`,
  );
}

function timesMeaning({
  ttlSeconds: ttl,
  loopWaitSeconds: loop,
  retryTimeoutSeconds: retry,
}: PatroniFacts): Meaning {
  const needed = loop + 2 * retry;
  if (needed > ttl) {
    const sum = `loop_wait + 2 * retry_timeout is ${needed}s, more than ttl`;
    return risk(`${sum}: a leader may still take writes when its lock has expired`);
  }
  return ok(
    `losing the leader costs about ${ttl}s to ${ttl + loop}s without writes; ` +
      `${retry}s without the DCS cost nothing`,
  );
}

function startMeaning(facts: Facts): Meaning {
  const seconds = facts.patroni?.primaryStartTimeoutSeconds ?? 0;
  if (seconds > 0) {
    return ok(
      `a crashed PostgreSQL is restarted in place: up to ${seconds}s without writes, none lost`,
    );
  }
  const promise = 'a crashed PostgreSQL is failed over at once';
  return isSynchronous(facts) ? ok(promise) : risk(`${promise}, also to a replica that lags`);
}

function failsafeMeaning({ isFailsafe, retryTimeoutSeconds: retry }: PatroniFacts): Meaning {
  return isFailsafe
    ? ok('without the DCS the primary goes on while it reaches every member')
    : ok(`without the DCS the primary turns read-only after ${retry}s: none lost`);
}

function rewindRow({ usesRewind }: PatroniFacts): DurabilityRow {
  const named = { setting: 'use_pg_rewind', differs: [] };
  if (usesRewind === undefined) {
    const promise = "the dynamic configuration does not say; a member's own file may";
    return { ...named, value: 'unknown', promise, level: 'unknown' };
  }
  return usesRewind
    ? { ...named, value: 'on', ...ok('an old primary that has diverged is rewound by itself') }
    : {
        ...named,
        value: 'off',
        ...risk('an old primary that has diverged stays out until cloned'),
      };
}
