import { z } from 'zod';
import type { WitnessWorkload } from '../contracts/workload.ts';
import { exampleApp } from './custom/example.ts';
import { invariantsOf, problemsOf, scriptsOf, setupOf } from './custom/run-app.ts';
import { rehearsalOf, ScriptWriter } from './custom/writer.ts';

const params = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe('SQL file of workload custom, relative to the file of the scenario.'),
});
type Params = z.infer<typeof params>;

/** The user's own SQL: tables, transactions with parameters, and what must hold, from one file. */
const custom: WitnessWorkload<Params> = {
  tracking: 'witness',
  summary: 'your own SQL file: transactions with generated values, and invariants',
  params,
  example: { file: 'app.sql' },
  files: ['file'],
  exampleFiles: { file: exampleApp },
  uses: ['payload'],
  problems: problemsOf,
  setup: setupOf,
  rehearsals: (context) => scriptsOf(context).map((script) => rehearsalOf(script, context)),
  writer: (writer, context) => new ScriptWriter(writer, scriptsOf(context), context),
  invariants: invariantsOf,
};

export default custom;
