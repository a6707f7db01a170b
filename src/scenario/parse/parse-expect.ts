import { z } from 'zod';
import type { Json } from '../../contracts/json.ts';
import type { Registry } from '../../contracts/registry.ts';
import type { ConditionalDemands, Scenario } from '../../contracts/scenario.ts';
import { conditionSchema, conditionShape } from './condition-schema.ts';
import type { Findings } from './collect-problems.ts';
import { nearest, suggestion } from '../../std/suggest.ts';
import type { Path } from './parse-yaml.ts';
import { isMapping, type Raw } from './mapping.ts';

type ExpectRegistry = Pick<Registry, 'checks' | 'backends'>;
type Expected = Pick<Scenario, 'expect' | 'expectWhen'>;

/** The key of `expect` that holds conditional demands. */
export const whenKey = 'when';
/** The key of a conditional block that names the issue of a known defect. */
export const defectKey = 'knownDefect';
const conditionKeys = Object.keys(conditionShape);
const defectSchema = z.string().trim().min(1).max(200);
const blocksAtMost = 100;

/** Names that other tools use for a demand, and the check that has it here. */
const otherNames: Readonly<Record<string, string>> = {
  rpo: 'lost',
  loss: 'lost',
  data_loss: 'lost',
  dataLoss: 'lost',
  no_loss: 'lost',
  rto: 'outage',
  downtime: 'outage',
  availability: 'outage',
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
  const { [whenKey]: when, ...demands } = raw;
  const context = { registry, found, path: ['expect'], others: [whenKey] };
  const expect = readDemands(demands, context);
  const expectWhen = when === undefined ? [] : parseBlocks(when, registry, found);
  return { expect, ...(expectWhen.length > 0 && { expectWhen }) };
}

function parseBlocks(
  raw: unknown,
  registry: ExpectRegistry,
  found: Findings,
): readonly ConditionalDemands[] {
  const path = ['expect', whenKey];
  const example = '{ patroni: "< 3.0.3", lost: ">= 1" }';
  if (!Array.isArray(raw) || raw.length === 0 || raw.length > blocksAtMost) {
    const message = `must be a list of 1 to ${blocksAtMost} blocks, each like ${example}`;
    found.add({ path, message });
    return [];
  }
  return raw.flatMap((block: unknown, index) => {
    const at = [...path, index];
    if (isMapping(block)) return parseBlock(block, at, { registry, found }) ?? [];
    found.add({ path: at, message: `must be a mapping, like ${example}` });
    return [];
  });
}

function parseBlock(
  block: Raw,
  path: Path,
  { registry, found }: { readonly registry: ExpectRegistry; readonly found: Findings },
): ConditionalDemands | undefined {
  const isCondition = (key: string) => Object.hasOwn(conditionShape, key);
  const entries = Object.entries(block);
  const conditions = found.read(conditionSchema, block, path);
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
  if (!conditions) return undefined;
  const { backend } = conditions;
  if (backend !== undefined) {
    found.lookUp('backend', backend, registry.backends, [...path, 'backend']);
  }
  // Written out because zod types an absent key like an undefined one.
  const { patroni, postgres, dcs } = conditions;
  return {
    conditions: {
      ...(patroni && { patroni }),
      ...(postgres && { postgres }),
      ...(dcs && { dcs }),
      ...(backend !== undefined && { backend }),
    },
    demands,
    ...(knownDefect !== undefined && { knownDefect }),
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
