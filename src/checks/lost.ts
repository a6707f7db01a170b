import { lostWrites } from '../std/units/lost-writes.ts';
import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Acknowledged writes that are not on the final primary, updates and deletes included.',
  noun: 'acknowledged writes lost',
  byDefault: '0',
  measure: ({ result }) => lostWrites(result.writes),
});
