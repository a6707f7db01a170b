import type { Evidence, Verdict } from '../contracts/evidence.ts';
import type { Json } from '../contracts/json.ts';
import type { Registry } from '../contracts/registry.ts';
import type { CheckResult } from '../contracts/result.ts';
import type { PhaseDemands, Scenario } from '../contracts/scenario.ts';
import { conditionsHold, formatConditions, formatPhase } from '../std/units/units.ts';
import { guarded } from './guarded.ts';

interface About {
  readonly evidence: Evidence;
  readonly registry: Pick<Registry, 'checks'>;
}

/** What is demanded of phases, one entry for each demand: `errorRate during cut`. */
export function phaseVerdicts(
  { expectPhases = [] }: Scenario,
  about: About,
): readonly CheckResult[] {
  return expectPhases.flatMap((block) => {
    const { conditions, demands, phase } = block;
    const holds = !conditions || conditionsHold(conditions, about.evidence.result);
    if (holds === false) return [];
    const known = Object.entries(demands).filter(([name]) => about.registry.checks.has(name));
    return known.map(([name, demand]) => {
      const check = `${name} ${formatPhase(phase)}`;
      return { check, demand, ...verdictOf(name, demand, { block, isOpen: !holds, about }) };
    });
  });
}

function verdictOf(
  name: string,
  demand: Json,
  {
    block,
    isOpen,
    about,
  }: { readonly block: PhaseDemands; readonly isOpen: boolean; readonly about: About },
): Verdict {
  const { evidence, registry } = about;
  const phase = formatPhase(block.phase);
  const where = block.conditions ? formatConditions(block.conditions) : '';
  const unknown = (why: string): Verdict => {
    return { status: 'unknown', summary: `${phase}: ${name}: ${why}`, measured: null };
  };
  if (isOpen) return unknown(`demanded where ${where}, and no such version was recorded`);
  const check = registry.checks.get(name);
  const window = evidence.result.windows?.find((each) => each.phase === phase);
  if (!check?.checkWindow) return unknown('no phase can demand it');
  const verdict = guarded(name, evidence.result, () => {
    const isThere = window && window.stretches.length > 0;
    const judged = isThere ? check.checkWindow?.(window, demand) : undefined;
    const why = `${name}: ${window?.reason ?? 'not measured'}`;
    return judged ?? { status: 'unknown', summary: why, measured: null };
  });
  const asked = where === '' ? '' : `, as demanded where ${where}`;
  return { ...verdict, summary: `${phase}: ${verdict.summary}${asked}` };
}
