import { z } from 'zod';
import type { Json } from '../../contracts/json.ts';
import type { Registry } from '../../contracts/registry.ts';
import type {
  ConditionalDemands,
  Conditions,
  PhaseDemands,
  Scenario,
} from '../../contracts/scenario.ts';
import { conditionSchema, conditionShape } from './condition-schema.ts';
import type { Findings } from './collect-problems.ts';
import { nearest, suggestion } from '../../std/suggest.ts';
import type { Path } from './parse-yaml.ts';
import { isMapping, type Raw } from './mapping.ts';
import { phaseKeys, phaseSchema } from './phase-schema.ts';

type ExpectRegistry = Pick<Registry, 'checks' | 'backends'>;
/** All that a scenario demands. */
export type Expected = Pick<Scenario, 'expect' | 'expectWhen' | 'expectPhases'>;

/** The key of `expect` that holds conditional demands. */
export const whenKey = 'when';
/** The key of a conditional block that names the issue of a known defect. */
export const defectKey = 'knownDefect';
/** The key of `expect` that holds demands on phases. */
export const phasesKey = 'phases';
const conditionKeys = Object.keys(conditionShape);
const defectSchema = z.string().trim().min(1).max(200);
const blocksAtMost = 100;

/** Names that other tools use for a demand, and the check that has it here. */
const otherNames: Readonly<Record<string, string>> = {
  loss: 'lost',
  data_loss: 'lost',
  dataLoss: 'lost',
  no_loss: 'lost',
  loss_percent: 'lossPercent',
  downtime: 'outage',
  uptime: 'availability',
  errors: 'errorRate',
  error_rate: 'errorRate',
  errorrate: 'errorRate',
  replicationLag: 'lag',
  split_brain: 'splitBrain',
  writesPerSecond: 'throughput',
  unavailable: 'outage',
  phantom: 'unexpected',
  phantoms: 'unexpected',
  promotions: 'failovers',
  duplicates: 'duplicated',
  corruption: 'corrupted',
  unknown: 'indeterminate',
};

/** `expect:` with its conditional blocks. Problems go to `found`; a wrong demand or block is left out. */
export function parseExpect(raw: unknown, registry: ExpectRegistry, found: Findings): Expected {
  if (raw === undefined) return { expect: {} };
  if (!isMapping(raw)) {
    const message = 'must be a mapping of checks to demands, like lost: 0';
    found.add({ path: ['expect'], message });
    return { expect: {} };
  }
  const { [whenKey]: when, [phasesKey]: phases, ...demands } = raw;
  const context = { registry, found, path: ['expect'], others: [whenKey, phasesKey] };
  const expect = readDemands(demands, context);
  const expectWhen = blocksOf(when, { key: whenKey, example: whenExample, found }).flatMap(
    ({ block, path }) => parseBlock(block, path, { registry, found }) ?? [],
  );
  const expectPhases = blocksOf(phases, { key: phasesKey, example: phaseExample, found }).flatMap(
    ({ block, path }) => parsePhase(block, path, { registry, found }) ?? [],
  );
  return {
    expect,
    ...(expectWhen.length > 0 && { expectWhen }),
    ...(expectPhases.length > 0 && { expectPhases }),
  };
}

const whenExample = '{ patroni: "< 3.0.3", lost: ">= 1" }';
const phaseExample = '{ during: cut, errorRate: "< 20%" }';

/** The mappings of a list of them, each with its place. */
function blocksOf(
  raw: unknown,
  about: { readonly key: string; readonly example: string; readonly found: Findings },
): readonly { readonly block: Raw; readonly path: Path }[] {
  if (raw === undefined) return [];
  const { key, example, found } = about;
  const path = ['expect', key];
  if (!Array.isArray(raw) || raw.length === 0 || raw.length > blocksAtMost) {
    const message = `must be a list of 1 to ${blocksAtMost} blocks, each like ${example}`;
    found.add({ path, message });
    return [];
  }
  return raw.flatMap((block: unknown, index) => {
    const at = [...path, index];
    if (isMapping(block)) return [{ block, path: at }];
    found.add({ path: at, message: `must be a mapping, like ${example}` });
    return [];
  });
}

function parsePhase(
  block: Raw,
  path: Path,
  { registry, found }: { readonly registry: ExpectRegistry; readonly found: Findings },
): PhaseDemands | undefined {
  const isOwn = (key: string) => !phaseKeys.includes(key) && !conditionKeys.includes(key);
  const own = Object.fromEntries(Object.entries(block).filter(([key]) => isOwn(key)));
  const phase = found.read(phaseSchema, block, path);
  const conditions = readConditions(block, path, { registry, found });
  if (Object.keys(own).length === 0) {
    found.add({ path, message: 'demands nothing: name a check beside the phase' });
  }
  const others = [...phaseKeys, ...conditionKeys];
  const demands = readDemands(own, { registry, found, path, others });
  for (const name of Object.keys(demands)) {
    if (registry.checks.get(name)?.checkWindow) continue;
    const able = [...registry.checks].flatMap(([each, check]) => (check.checkWindow ? each : []));
    const message = `${name} is of the whole run, and no phase can demand it; a phase can demand ${able.join(', ')}`;
    found.add({ path: [...path, name], message, at: 'key' });
  }
  if (!phase || !conditions) return undefined;
  return { phase, ...(Object.keys(conditions).length > 0 && { conditions }), demands };
}

function parseBlock(
  block: Raw,
  path: Path,
  { registry, found }: { readonly registry: ExpectRegistry; readonly found: Findings },
): ConditionalDemands | undefined {
  const isCondition = (key: string) => Object.hasOwn(conditionShape, key);
  const entries = Object.entries(block);
  const conditions = readConditions(block, path, { registry, found });
  const own = Object.fromEntries(entries.filter(([key]) => !isCondition(key) && key !== defectKey));
  const knownDefect = Object.hasOwn(block, defectKey)
    ? found.read(defectSchema, block[defectKey], [...path, defectKey])
    : undefined;
  // A key that is no check may be a misspelt condition: it is reported below.
  const areChecks = Object.keys(own).every((key) => registry.checks.has(key));
  if (!entries.some(([key]) => isCondition(key)) && areChecks) {
    found.add({ path, message: `has no condition: use one of ${conditionKeys.join(', ')}` });
  }
  if (Object.keys(own).length === 0) {
    found.add({ path, message: 'demands nothing: name a check beside the condition' });
  }
  const demands = readDemands(own, {
    registry,
    found,
    path,
    others: [...conditionKeys, defectKey],
  });
  return conditions && { conditions, demands, ...(knownDefect !== undefined && { knownDefect }) };
}

function readConditions(
  block: Raw,
  path: Path,
  { registry, found }: { readonly registry: ExpectRegistry; readonly found: Findings },
): Conditions | undefined {
  const conditions = found.read(conditionSchema, block, path);
  if (!conditions) return undefined;
  // Written out because zod types an absent key like an undefined one.
  const { patroni, postgres, dcs, backend } = conditions;
  if (backend !== undefined) {
    found.lookUp('backend', backend, registry.backends, [...path, 'backend']);
  }
  return {
    ...(patroni && { patroni }),
    ...(postgres && { postgres }),
    ...(dcs && { dcs }),
    ...(backend !== undefined && { backend }),
  };
}

interface DemandContext {
  readonly registry: ExpectRegistry;
  readonly found: Findings;
  readonly path: Path;
  /** Other keys allowed beside the checks, for suggestions. */
  readonly others: readonly string[];
}

function readDemands(raw: Raw, context: DemandContext): Readonly<Record<string, Json>> {
  const { registry, found, others } = context;
  const read = Object.entries(raw).flatMap(([name, demand]): (readonly [string, Json])[] => {
    const path = [...context.path, name];
    const check = registry.checks.get(name);
    if (!check) {
      const meant = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
      const names = [...registry.checks.keys(), ...others];
      const isMeant = meant !== undefined && registry.checks.has(meant);
      const hint = isMeant ? `; did you mean '${meant}'?` : suggestion(name, names);
      const isStranger = !isMeant && nearest(name, names) === undefined;
      found.add({
        path,
        message: `there is no check '${name}'${hint}`,
        at: 'key',
        ...(isStranger && { stranger: name }),
      });
      return [];
    }
    const parsed = found.read(check.params, demand, path);
    return parsed === undefined ? [] : [[name, parsed]];
  });
  return Object.fromEntries(read);
}
