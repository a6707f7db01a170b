import type { SettingType } from '../../contracts/durability.ts';
import { quantityOf } from './quantities.ts';

export interface SettingValues {
  readonly asked: string;
  /** As SHOW shows it. */
  readonly found: string;
  /** Absent in a run that was stored before types were read. */
  readonly type?: SettingType | undefined;
}

/** Words that PostgreSQL takes and shows as another one. Source: the hidden entries of guc_tables.c. */
const aliases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  wal_level: { archive: 'replica', hot_standby: 'replica' },
  wal_compression: { on: 'pglz' },
  client_min_messages: { debug: 'debug2' },
  log_min_messages: { debug: 'debug2' },
  log_min_error_statement: { debug: 'debug2' },
  trace_recovery_messages: { debug: 'debug2' },
  icu_validation_level: { debug: 'debug2' },
  password_encryption: { on: 'md5' },
};

/** A value that asks the server to work one out at its start, so that it shows another. */
const automatic: Readonly<Record<string, string>> = {
  wal_buffers: '-1',
  commit_timestamp_buffers: '0',
  subtransaction_buffers: '0',
  transaction_buffers: '0',
};

/** Texts that PostgreSQL writes in a case of its own. */
const anyCase = new Set([
  'client_encoding',
  'datestyle',
  'log_timezone',
  'search_path',
  'timezone',
]);

/**
 * Whether a value that was asked for is the one that the server shows, by the parameter's type, units and aliases. Where
 * that cannot be told, it is.
 */
export function isSameSetting(name: string, { asked, found, type }: SettingValues): boolean {
  const key = name.toLowerCase();
  if (asked === found || automatic[key] === asked.trim()) return true;
  switch (type?.vartype) {
    case 'bool':
      return boolOf(asked) === boolOf(found);
    case 'integer':
    case 'real':
      return isSameNumber({ asked, found, type });
    case 'string':
      return anyCase.has(key) && spaceless(asked) === spaceless(found);
    case 'enum':
      return isSameWord(key, asked, found);
    default:
      return isSameWord(key, asked, found) || isSameNumber({ asked, found });
  }
}

/** A list of words may have switches among them, for which true and 0 stand, too. */
function isSameWord(key: string, asked: string, found: string): boolean {
  const shown = word(found);
  const words = [word(asked), boolOf(asked)];
  return words.some((wanted) => (aliases[key]?.[wanted] ?? wanted) === shown);
}

/** on, off, and what else PostgreSQL takes for them. Source: bool.c: any prefix that is no other's. */
function boolOf(text: string): string {
  const asked = word(text);
  if (asked === '') return asked;
  if (['on', '1'].includes(asked) || ['true', 'yes'].some((full) => full.startsWith(asked))) {
    return 'on';
  }
  const isOff = ['of', 'off', '0'].includes(asked);
  return isOff || ['false', 'no'].some((full) => full.startsWith(asked)) ? 'off' : asked;
}

/** The server rounds what it is asked for to whole units of its own. */
function isSameNumber({ asked, found, type }: SettingValues): boolean {
  const [left, right] = [quantityOf(asked, type?.unit), quantityOf(found, type?.unit)];
  if (!left || !right) return false;
  if (left.unit !== right.unit) {
    // No type says what the bare one counts in; 0 and -1 mean the same in every unit.
    const bare = left.unit === '' ? left.amount : right.amount;
    return (type === undefined && bare > 0) || left.amount === right.amount;
  }
  const step = quantityOf('1', type?.unit)?.amount ?? 0;
  const slack = type?.vartype === 'integer' ? step / 2 : Math.abs(right.amount) * 1e-9;
  return Math.abs(left.amount - right.amount) <= slack;
}

function word(text: string): string {
  return text.trim().toLowerCase();
}

function spaceless(text: string): string {
  return word(text).replaceAll(/[\s"]/g, '');
}
