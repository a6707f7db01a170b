import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'The share of the attempts of writes that failed or whose outcome is unknown.',
  noun: 'failed and indeterminate attempts',
  kind: 'percent',
  example: '< 1%',
  of: ({ errorPercent }) => errorPercent,
});
