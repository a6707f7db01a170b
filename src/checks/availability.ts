import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'The share of 100 ms buckets of the load in which an operation was acknowledged.',
  noun: 'availability',
  kind: 'percent',
  example: '>= 99.5%',
  of: ({ availabilityPercent }) => availabilityPercent,
});
