import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'Acknowledged writes per second.',
  noun: 'acknowledged writes per second',
  kind: 'rate',
  example: '>= 450/s',
  of: ({ ackedPerSecond }) => ackedPerSecond,
});
