import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Lost acknowledged writes among all acknowledged ones.',
  noun: 'lost of the acknowledged writes',
  kind: 'percent',
  example: '0%',
  measure: ({ result }) => result.lossPercent,
});
