import { type Check, type Observation, z } from 'forkpoint/extension';

/** `total: constant`: what the readers of the workload `transfers` saw, at any time and on any node. */
const check: Check<'constant'> = {
  summary: 'Every total that a reader saw is the money that was paid in.',
  params: z.literal('constant'),
  example: 'constant',
  check({ observations }) {
    const all = observations?.observations ?? [];
    // A read without an answer has seen nothing wrong, and nothing right.
    const seen = all.filter(({ read, value }) => read === 'total' && value !== undefined);
    const wrong = seen.filter((observation) => !isRight(observation));
    const measured = { seen: seen.length, wrong: wrong.length };
    const [first] = wrong;
    if (first) {
      const what = `${JSON.stringify(first.value)} on ${first.node} at ${Math.round(first.sentMs)} ms`;
      const summary = `total: ${wrong.length} of ${seen.length} reads saw a wrong total, the first ${what}`;
      return { status: 'fail', summary, measured };
    }
    const [missing = seen.length === 0 ? 'no reader saw a total' : undefined] =
      observations?.missing ?? [];
    if (missing !== undefined) {
      return { status: 'unknown', summary: `total: ${missing}`, measured };
    }
    const summary = `total: ${seen.length} reads saw the right total (demanded: constant)`;
    return { status: 'pass', summary, measured };
  },
};
export default check;

/** As the reader keeps it. */
const kept = z.object({ found: z.string(), expected: z.number() });

function isRight({ value }: Observation): boolean {
  const { success, data } = kept.safeParse(value);
  return success && data.found === String(data.expected);
}
