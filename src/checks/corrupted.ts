import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Rows whose content is not what was sent, and what amcheck or a read found broken.',
  noun: 'corrupted rows and structures',
  byDefault: '0',
  measure: ({ result: { writes, structure } }) =>
    writes.corrupted === null ? null : writes.corrupted + structure.length,
});
