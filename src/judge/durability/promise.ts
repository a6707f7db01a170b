import type { LossPromise } from '../../contracts/durability.ts';
import { formatDuration, formatSize } from '../../std/units/units.ts';
import { waitsForStandbys, type Facts, type PatroniFacts } from './facts.ts';

/** An asynchronous commit is on disk after at most three rounds of the WAL writer. Source: PostgreSQL, Asynchronous Commit. */
const writerRounds = 3;

/**
 * How much of the acknowledged writes a failover by itself, or a crash, may lose. A forced failover (`patronictl failover` to
 * a chosen node) and the loss of several nodes at once are beyond every promise.
 */
export function lossPromise(facts: Facts): LossPromise {
  const { primary, commit, settings } = facts;
  if (!primary) return unknown('no single primary could be asked');
  if (!commit) return unknown('synchronous_commit could not be read');
  if (facts.answered.some(({ parameters }) => parameters.fsync === 'off')) {
    return unbounded('anything since the last checkpoint: fsync is off');
  }
  switch (settings.manager.kind) {
    case 'none':
      return commit === 'off' ? bounded(0, crashMs(facts) / 1000) : nothing;
    case 'unknown':
      return withoutManager(facts);
    case 'patroni':
      return facts.patroni ? withPatroni(facts, facts.patroni) : unknown('Patroni did not answer');
  }
}

export function crashMs({ writerDelayMs }: Facts): number {
  return writerRounds * writerDelayMs;
}

/** Whether a COMMIT is answered only when enough standbys have it that no failover can go past it. */
export function isSynchronous(facts: Facts): boolean {
  const { patroni, commit } = facts;
  if (!commit || !waitsForStandbys(commit)) return false;
  // Patroni by itself promotes only nodes in its /sync key, also while it waits for no standby.
  if (patroni && patroni.mode !== 'off') return true;
  return waitsForAll(facts);
}

/** Then it does not matter which of them is promoted. */
export function waitsForAll({ settings, waitedFor, replicas }: Facts): boolean {
  return settings.isComplete && replicas > 0 && waitedFor >= replicas;
}

function withPatroni(facts: Facts, patroni: PatroniFacts): LossPromise {
  if (isSynchronous(facts)) return nothing;
  return bounded(patroni.maximumLagBytes, patroni.ttlSeconds);
}

function withoutManager(facts: Facts): LossPromise {
  if (isSynchronous(facts)) return nothing;
  if (facts.waitedFor > 0 && facts.commit && waitsForStandbys(facts.commit)) {
    return unknown('nothing only if a failover goes to a standby that was waited for');
  }
  return unbounded('whatever the promoted replica has not received: who limits that is not known');
}

const nothing: LossPromise = { mayLose: false, bytes: 0, seconds: 0, text: 'nothing' };

function bounded(bytes: number, seconds: number): LossPromise {
  const parts = [...(bytes > 0 ? [formatSize(bytes)] : []), formatDuration(seconds * 1000)];
  return { mayLose: true, bytes, seconds, text: `up to ${parts.join(' + ')} of writes` };
}

function unbounded(text: string): LossPromise {
  return { mayLose: true, bytes: null, seconds: null, text };
}

function unknown(why: string): LossPromise {
  return { mayLose: null, bytes: null, seconds: null, text: `unknown: ${why}` };
}
