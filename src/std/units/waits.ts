import type { AwaitedState, Wait } from '../../contracts/scenario.ts';
import { formatDuration, formatSize } from './format.ts';

/** As the scenario spells it, without the limit: `lag > 2MB`. */
export function formatState(state: AwaitedState): string {
  switch (state.is) {
    case 'failover':
    case 'leader':
    case 'replayed':
    case 'delivered':
      return state.is;
    case 'noLeader':
      return 'no leader';
    case 'acknowledged':
      return `acknowledged >= ${state.writes}`;
    case 'lag':
      return `lag ${state.op} ${formatSize(state.bytes)}`;
    case 'streaming':
      return `${state.target} streaming`;
  }
}

/** `failover within 40s` */
export function formatWait({ state, limitMs }: Wait): string {
  return `${formatState(state)} within ${formatDuration(limitMs)}`;
}
