import type { Json } from '../../contracts/json.ts';
import { isMapping, type Raw } from '../parse/mapping.ts';
import type { Path } from '../parse/parse-yaml.ts';
import type { FitContext } from './context.ts';
import { textOf } from './parameters.ts';
import { hasProgram } from './postgresql.ts';

/** The first release in which Patroni does not make users any more. */
const withoutUsers = 4;
const labsLocale = 'C.UTF-8';

export interface FittedBootstrap {
  readonly initdb?: readonly Json[];
  readonly bootstrap: Readonly<Record<string, Json>>;
}

/** `bootstrap` without `dcs` and `pg_hba`: how an empty cluster begins. */
export function fitBootstrap(section: Raw, context: FitContext): FittedBootstrap {
  const kept: Record<string, Json> = {};
  const method = typeof section.method === 'string' ? section.method : 'initdb';
  const { initdb } = section;
  for (const [key, value] of Object.entries(section) as (readonly [string, Json])[]) {
    const at = ['bootstrap', key];
    if (['dcs', 'pg_hba', 'initdb'].includes(key) || key === method) continue;
    if (key === 'method') {
      if (method !== 'initdb') context.listing.replace(at, value, { by: 'initdb', why: begins });
    } else if (key === 'users') {
      if (makesUsers(context)) kept[key] = value;
      else context.listing.leaveOut(at, value, 'Patroni makes no users since 4.0');
    } else if (['post_init', 'post_bootstrap'].includes(key) && typeof value === 'string') {
      if (hasProgram(value, at, context)) kept[key] = value;
    } else
      context.listing.leaveOut(at, value, 'Patroni does not know it, or it is of another method');
  }
  const options = initdb === undefined ? undefined : fitInitdb(initdb, context);
  return { bootstrap: kept, ...(options && { initdb: options }) };
}

const begins = 'a lab begins with an empty cluster';

function makesUsers({ contents }: FitContext): boolean {
  return contents.patroni === undefined || Number.parseInt(contents.patroni) < withoutUsers;
}

/** Shape: Patroni's list of options, texts or mappings of one key; or one mapping. */
function fitInitdb(given: unknown, context: FitContext): readonly Json[] {
  const path = ['bootstrap', 'initdb'];
  if (isMapping(given)) {
    return Object.entries(given).flatMap(([name, value]) =>
      fitOption(name, value, [...path, name], context),
    );
  }
  if (!Array.isArray(given)) {
    context.listing.refuse(path, 'must be a list of options of initdb');
    return [];
  }
  return (given as readonly unknown[]).flatMap((option, index) => {
    const at = [...path, index];
    if (typeof option === 'string') return fitOption(option, undefined, at, context);
    const [entry] = isMapping(option) ? Object.entries(option) : [];
    return entry ? fitOption(entry[0], entry[1], [...at, entry[0]], context) : [];
  });
}

function fitOption(name: string, given: unknown, path: Path, context: FitContext): readonly Json[] {
  const { listing, contents } = context;
  const value = given === undefined ? undefined : (textOf(given as Json) ?? JSON.stringify(given));
  const written: Json = value === undefined ? name : { [name]: value };
  const leaveOut = (why: string) => {
    listing.leaveOut(path, written, why);
    return [];
  };
  if (['waldir', 'xlogdir', 'pwfile', 'pgdata', 'username'].includes(name)) {
    return leaveOut('a lab has paths and a superuser of its own');
  }
  if (name.startsWith('auth')) return leaveOut('postgresql.pg_hba is written over it');
  if (name === 'no-sync' || name === 'sync-only') return [];
  const major = contents.postgres === undefined ? undefined : Number.parseInt(contents.postgres);
  const needs =
    name === 'builtin-locale' || value === 'builtin'
      ? 17
      : name.startsWith('icu') || value === 'icu'
        ? 15
        : 0;
  if (major !== undefined && major < needs)
    return leaveOut(`initdb has it from PostgreSQL ${needs} on, and this is ${major}`);
  const isLocale = /^(?:locale|lc-\w+)$/.test(name);
  if (!isLocale || contents.hasLocale(value ?? '') !== false) return [written];
  listing.replace(path, value ?? '', { by: labsLocale, why: 'this locale is not installed' });
  return [{ [name]: labsLocale }];
}
