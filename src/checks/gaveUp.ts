import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'Writes that ended without success, after all their attempts.',
  noun: 'operations that gave up',
  kind: 'count',
  example: '0',
  of: ({ gaveUp }) => gaveUp ?? null,
});
