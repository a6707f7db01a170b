import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'How often a node was demoted that had been demoted before.',
  noun: 'demotions of a node demoted before',
  kind: 'count',
  example: '0',
  of: ({ demotedAgain = null }) => demotedAgain,
});
