import { z } from 'zod';
import type { Check } from '../contracts/evidence.ts';
import type { RouteResult } from '../contracts/result.ts';
import { grouped, seconds } from '../std/units/shown.ts';
import { suggestion } from '../std/suggest.ts';
import { compare, comparison, formatComparison, type Comparison } from '../std/units/units.ts';

const params = z.record(
  z.string(),
  z
    .strictObject({
      lost: comparison('count').optional(),
      outage: comparison('duration').optional(),
      failed: comparison('count').optional(),
      indeterminate: comparison('count').optional(),
      onOldPrimary: comparison('count').optional(),
    })
    .describe('Demands on the clients of this route.'),
);
type Demands = z.infer<typeof params>;
type Measure = keyof Demands[string];

const measures: Readonly<Record<Measure, (route: RouteResult) => number | null>> = {
  lost: ({ lost }) => lost,
  outage: ({ outageMs }) => outageMs,
  failed: ({ failed }) => failed,
  indeterminate: ({ indeterminate }) => indeterminate,
  onOldPrimary: ({ onOldPrimary, acknowledged }) =>
    acknowledged === null || onOldPrimary === null
      ? null
      : onOldPrimary.reduce((sum, one) => sum + one.acknowledged, 0),
};
const words: Readonly<Record<Measure, string>> = {
  lost: 'lost',
  outage: 'outage',
  failed: 'failed',
  indeterminate: 'indeterminate',
  onOldPrimary: 'acknowledged by an old primary',
};

/** The same demands for the clients of one route alone. */
const check: Check<Demands> = {
  summary: 'Demands on single routes: what their clients lost, and how long they were out.',
  params,
  example: { app: { lost: '0', outage: '< 30s' } },

  problems(demands, { routes = [] }) {
    const known = routes.map(({ name }) => name);
    return Object.keys(demands)
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: [name],
        message:
          known.length === 0
            ? 'the load names no routes: give load.routes'
            : `the load has no route '${name}'${suggestion(name, known)}`,
      }));
  },

  check({ result }, demands) {
    const judged = Object.entries(demands).flatMap(([name, demand]) => {
      const route = result.routes?.find((each) => each.name === name);
      return Object.entries(demand).flatMap(([measure, wanted]) =>
        wanted ? [judge(`${name}: `, measure as Measure, { wanted, route })] : [],
      );
    });
    const status = judged.some((one) => one.status === 'fail')
      ? 'fail'
      : judged.length === 0 || judged.some((one) => one.status === 'unknown')
        ? 'unknown'
        : 'pass';
    const said = judged.map(({ said: one }) => one).join('; ') || 'nothing is demanded';
    const measured = Object.fromEntries(judged.map(({ key, measured: one }) => [key, one]));
    return { status, summary: `routes: ${said}`, measured };
  },
};
export default check;

function judge(
  prefix: string,
  measure: Measure,
  { wanted, route }: { readonly wanted: Comparison; readonly route: RouteResult | undefined },
) {
  const measured = route ? measures[measure](route) : null;
  const demanded = `(demanded: ${formatComparison(wanted)})`;
  const key = `${prefix.replace(': ', '')}.${measure}`;
  if (measured === null) {
    const said = `${prefix}${words[measure]} could not be measured ${demanded}`;
    return { key, status: 'unknown', said, measured };
  }
  const shown = measure === 'outage' ? seconds(measured) : grouped(measured);
  const status = compare(measured, wanted) ? 'pass' : 'fail';
  return { key, status, said: `${prefix}${words[measure]} ${shown} ${demanded}`, measured };
}
