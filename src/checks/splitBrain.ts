import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'How long two nodes at once were primary, by roles read several times a second.',
  noun: 'two primaries at once',
  kind: 'duration',
  example: '0s',
  of: ({ splitBrainMs }) => splitBrainMs,
});
