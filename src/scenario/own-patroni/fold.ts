import type { Json } from '../../contracts/json.ts';
import type { FittedConfig, Replacement } from '../../contracts/own-patroni.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { isMapping } from '../parse/mapping.ts';

type Mapping = Readonly<Record<string, Json>>;

export interface Folded {
  readonly spec: ClusterSpec;
  /** The members' own parameters, without those that the scenario sets. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the scenario overrides. */
  readonly overridden: readonly Replacement[];
}

/** The cluster of a scenario with the user's configuration in it: what the scenario says itself goes before the file. */
export function foldConfig(
  spec: ClusterSpec,
  fitted: FittedConfig,
  scenario: { readonly patroni: Mapping; readonly synchronous?: ClusterSpec['synchronous'] },
): Folded {
  const overridden: Replacement[] = [];
  const over = (key: string, given: Json, instead: Json) => {
    if (JSON.stringify(given) === JSON.stringify(instead)) return;
    const why = 'the scenario sets it, under cluster';
    overridden.push({ key, line: null, given: shown(given), instead: shown(instead), why });
  };
  const patroni = merge(fitted.dynamic, scenario.patroni, (path, given, instead) =>
    over(['bootstrap.dcs', ...path].join('.'), given, instead),
  );
  const synchronous = scenario.synchronous ?? fitted.synchronous ?? 'off';
  if (fitted.synchronous !== undefined) {
    over('bootstrap.dcs.synchronous_mode', fitted.synchronous, synchronous);
  }
  const throughPatroni = parametersOf(patroni);
  const said = { ...parametersOf(scenario.patroni), ...spec.parameters };
  for (const [name, value] of Object.entries(said)) {
    const [stored, own] = [throughPatroni[name], fitted.parameters[name]];
    if (stored !== undefined && name in spec.parameters) {
      over(`bootstrap.dcs.postgresql.parameters.${name}`, stored, value);
    }
    if (own !== undefined) over(`postgresql.parameters.${name}`, own, value);
  }
  const left = Object.entries(fitted.parameters).filter(([name]) => !(name in said));
  const parameters = Object.fromEntries(left);
  return { spec: { ...spec, patroni, synchronous }, parameters, overridden };
}

function merge(
  file: Mapping,
  scenario: Mapping,
  over: (path: readonly string[], given: Json, instead: Json) => void,
  path: readonly string[] = [],
): Mapping {
  const merged: Record<string, Json> = { ...file };
  for (const [key, value] of Object.entries(scenario)) {
    const given = merged[key];
    const at = [...path, key];
    if (isObject(given) && isObject(value)) merged[key] = merge(given, value, over, at);
    else {
      if (given !== undefined) over(at, given, value);
      merged[key] = value;
    }
  }
  return merged;
}

function parametersOf(patroni: Mapping): Mapping {
  const { postgresql } = patroni;
  const { parameters } = isObject(postgresql) ? postgresql : {};
  return isObject(parameters) ? parameters : {};
}

function isObject(value: Json | undefined): value is Mapping {
  return isMapping(value);
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
