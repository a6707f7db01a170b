import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary:
    'How often a node was promoted, which starts a timeline: asked or not, another one or the same again.',
  noun: 'promotions',
  kind: 'count',
  example: '0',
  of: ({ promotions = null }) => promotions,
});
