import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary:
    'The longest time from a fault to the first write acknowledged by the server that took over.',
  noun: 'time to the first write after a takeover',
  kind: 'duration',
  example: '< 30s',
  of: ({ rtoMs }) => rtoMs,
});
