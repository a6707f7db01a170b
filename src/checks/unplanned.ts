import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'How often a server ended or started without a step of the run.',
  noun: 'servers that ended or started unplanned',
  byDefault: 0,
  isRecorded: ({ unplanned }) => unplanned !== undefined,

  measure: ({ result }) => result.unplanned?.length ?? null,
});
