import type { Conditions } from '../../contracts/scenario.ts';
import { formatVersionDemand, meetsVersion, versionNumbers } from './version.ts';

/** What a run recorded of its environment: versions as programs print them, `none` for what does not exist. */
export interface RanOn {
  readonly versions: { readonly postgres: string; readonly patroni: string; readonly dcs: string };
  readonly backend: string;
}

/** Whether all conditions hold; undefined when that depends on a version that was not recorded. */
export function conditionsHold(conditions: Conditions, ranOn: RanOn): boolean | undefined {
  const { postgres, patroni, dcs, backend } = conditions;
  const { versions } = ranOn;
  const each = [
    backend === undefined || backend === ranOn.backend,
    postgres === undefined || meets(versions.postgres, postgres),
    patroni === undefined || meets(versions.patroni, patroni),
    dcs?.name === undefined || isCalled(versions.dcs, dcs.name),
    dcs?.version === undefined || meets(versions.dcs, dcs.version),
  ];
  if (each.includes(false)) return false;
  return each.includes(undefined) ? undefined : true;
}

/** `patroni < 3.0.3 and backend docker` */
export function formatConditions({ postgres, patroni, dcs, backend }: Conditions): string {
  return [
    ...(patroni ? [`patroni ${formatVersionDemand(patroni)}`] : []),
    ...(postgres ? [`postgres ${formatVersionDemand(postgres)}`] : []),
    ...(dcs ? [formatDcs(dcs)] : []),
    ...(backend === undefined ? [] : [`backend ${backend}`]),
  ].join(' and ');
}

function formatDcs({ name, version }: NonNullable<Conditions['dcs']>): string {
  const words = ['dcs', name, version && formatVersionDemand(version)];
  return words.filter((word) => word !== undefined).join(' ');
}

function meets(text: string, demand: Parameters<typeof meetsVersion>[1]): boolean | undefined {
  if (text === absent) return false;
  const numbers = versionNumbers(text);
  return numbers && meetsVersion(numbers, demand);
}

function isCalled(text: string, name: string): boolean | undefined {
  if (text === absent) return false;
  const [called] = text.toLowerCase().split(/[\s\d]/);
  return called === '' || called === 'unknown' ? undefined : called === name;
}

/** A single server has no Patroni, and its backend reports that. */
const absent = 'none';
