import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Rows with other content than was sent, and damage found by amcheck or by reading.',
  noun: 'corrupted rows and structures',
  byDefault: '0',
  measure: ({ result: { writes, structure } }) =>
    writes.corrupted === null ? null : writes.corrupted + structure.length,
});
