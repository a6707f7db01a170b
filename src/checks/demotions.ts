import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'How often a primary ended being one, and was a replica when its role was seen next.',
  noun: 'demotions',
  kind: 'count',
  example: '0',
  of: ({ demotions }) => demotions,
});
