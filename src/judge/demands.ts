import type { Json } from '../contracts/json.ts';
import type { ConditionalDemands, Scenario } from '../contracts/scenario.ts';
import { conditionsHold, formatConditions, type RanOn } from '../std/units/units.ts';

/** What a scenario demands of one check, once it is known what the run ran on. */
export type Demand =
  /** The scenario says nothing: the check's default. */
  | { readonly kind: 'none' }
  | { readonly kind: 'demanded'; readonly demand: Json; readonly where?: string }
  /** A block demands it under a condition on a version that was not recorded. */
  | { readonly kind: 'open'; readonly where: string };

/**
 * The later block goes before the earlier, and each before `expect` itself. Blocks of known defects demand nothing, but for
 * `defect`, which goes before all others.
 */
export function demandOf(
  check: string,
  scenario: Scenario,
  ranOn: RanOn,
  defect?: ConditionalDemands,
): Demand {
  const base = scenario.expect[check];
  let found: Demand = base === undefined ? { kind: 'none' } : { kind: 'demanded', demand: base };
  const blocks = (scenario.expectWhen ?? []).filter((block) => block.knownDefect === undefined);
  for (const { conditions, demands } of [...blocks, ...(defect ? [defect] : [])]) {
    const demand = demands[check];
    if (demand === undefined) continue;
    const holds = conditionsHold(conditions, ranOn);
    const where = formatConditions(conditions);
    if (holds === undefined) found = { kind: 'open', where };
    else if (holds) found = { kind: 'demanded', demand, where };
  }
  return found;
}

/** The known defects of the versions that ran, in the order of the file. One whose versions are not known excuses nothing. */
export function defectsOf(scenario: Scenario, ranOn: RanOn): readonly ExcusedDemands[] {
  return (scenario.expectWhen ?? []).filter(
    (block): block is ExcusedDemands =>
      block.knownDefect !== undefined && conditionsHold(block.conditions, ranOn) === true,
  );
}

export type ExcusedDemands = ConditionalDemands & { readonly knownDefect: string };
