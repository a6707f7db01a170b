import type { Check } from '../contracts/evidence.ts';
import type { Knee } from '../contracts/result.ts';
import { compare, comparison, formatComparison, formatRate } from '../std/units/units.ts';
import type { Comparison } from '../std/units/units.ts';

const params = comparison('rate').refine(({ op }) => op === '>=' || op === '>', {
  error: 'must be a least rate, such as ">= 2000/s"',
});

/** Capacity: the rate that must keep the limits of `load.knee`. */
const check: Check<Comparison> = {
  summary: 'Up to which rate the limits of a load `until: knee` were kept.',
  params,
  example: '>= 2000/s',

  problems(demanded, { knee, stages = [] }) {
    if (!knee) return [{ path: [], message: 'the load searches no knee: give load.until: knee' }];
    const most = stages.at(-1)?.toPerSecond ?? 0;
    if (compare(most, demanded)) return [];
    const message = `the steps of the load end at ${formatRate(most)}: give it a longer duration or a larger step`;
    return [{ path: [], message }];
  },

  check({ result }, demanded) {
    const { knee } = result.throughput;
    const demand = `demanded: ${formatComparison(demanded)}`;
    if (!knee) {
      const summary = `knee: could not be measured (${demand})`;
      return { status: 'unknown', summary, measured: null };
    }
    const { perSecond, passedAt } = knee;
    const summary = `knee: ${kneeWords(knee)} (${demand})`;
    if (compare(perSecond, demanded)) return { status: 'pass', summary, measured: perSecond };
    // Between the last rate that kept the limits and the first that did not, none was tried.
    const isShown = passedAt !== null && passedAt <= demanded.value;
    return { status: isShown ? 'fail' : 'unknown', summary, measured: perSecond };
  },
};
export default check;

function kneeWords({ perSecond, passedAt }: Knee): string {
  const kept =
    perSecond === 0 ? 'no rate kept its limits' : `${formatRate(perSecond)} kept its limits`;
  return passedAt === null
    ? `${kept}, and no higher one was tried`
    : `${kept}, ${formatRate(passedAt)} did not`;
}
