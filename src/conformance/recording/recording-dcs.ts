import type { DcsControl } from '../../contracts/cluster.ts';
import type { Recorded } from './recorded.ts';

/** A DCS of three members that only remembers what was done to it. */
export function recordingDcs(recorded: Recorded): DcsControl {
  const { state } = recorded;
  return {
    members: ['pg1', 'pg2', 'pg3'],
    signal: async (member, signal) => {
      if (signal === 'SIGCONT') return void state.stopped.delete(`dcs of ${member}`);
      await recorded.harm(member, `${signal} dcs`);
      state.stopped.add(`dcs of ${member}`);
    },
    start: (member) => Promise.resolve(void state.stopped.delete(`dcs of ${member}`)),
    state: (member) => {
      if (!state.stopped.has(`dcs of ${member}`)) return Promise.resolve('running');
      const isFrozen = recorded.log.includes(`${member}: SIGSTOP dcs`);
      return Promise.resolve(isFrozen ? 'frozen' : 'gone');
    },
    leader: () => Promise.resolve('pg1'),
    memberOf: (node) => Promise.resolve(node),
    slow: async (member) => {
      await recorded.harm(member, 'slow dcs');
      state.stopped.add(`speed of ${member}`);
    },
    hasten: (member) => Promise.resolve(void state.stopped.delete(`speed of ${member}`)),
    isSlow: (member) => Promise.resolve(state.stopped.has(`speed of ${member}`)),
    loseData: async () => {
      await recorded.harm('cluster', 'lose dcs data');
    },
    restoreData: () => Promise.resolve(),
    noSpace: async (isRaised) => {
      if (!isRaised) return void state.stopped.delete('dcs space');
      await recorded.harm('cluster', 'no space in dcs');
      state.stopped.add('dcs space');
    },
    hasNoSpace: () => Promise.resolve(state.stopped.has('dcs space')),
    compact: async () => {
      await recorded.harm('cluster', 'compact dcs');
      return '1';
    },
  };
}
