import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'How often another node led than before: asked or not, with or without a promotion.',
  noun: 'changes of leadership',
  kind: 'count',
  example: '0',
  of: ({ leadershipChanges = null }) => leadershipChanges,
});
