import type { ClusterBackend } from '../contracts/backend.ts';
import type { Check, Reporter } from '../contracts/evidence.ts';
import type { Fault } from '../contracts/fault.ts';
import type { ShellKind } from '../contracts/shell.ts';
import type { Workload } from '../contracts/workload.ts';

/** One kind of extension: the folder it lies in is its key in the registry. */
export interface ExtensionKind<T> {
  /** In a sentence: 'a fault'. */
  readonly noun: string;
  /** What a default export lacks to be one, in words; empty: it is one. */
  readonly missing: (candidate: unknown) => readonly string[];
  /** Never set: ties the kind to the type of its extensions. */
  readonly extension?: T;
}

type Wanted = 'text' | 'function' | 'list' | 'schema' | readonly string[];

export const kinds = {
  faults: kindOf<Fault>('a fault', {
    summary: 'text',
    params: 'schema',
    targets: ['nodes', 'none', 'any', 'dcs'],
    needs: 'function',
    inject: 'function',
  }),
  workloads: kindOf<Workload>('a workload', {
    summary: 'text',
    params: 'schema',
    tracking: ['rows', 'witness'],
    setup: 'function',
    writer: 'function',
  }),
  checks: kindOf<Check>('a check', { summary: 'text', params: 'schema', check: 'function' }),
  reporters: kindOf<Reporter>('a reporter', { fileName: 'text', render: 'function' }),
  shells: kindOf<ShellKind>('a shell', { summary: 'text', params: 'schema', make: 'function' }),
  backends: kindOf<ClusterBackend>('a backend', {
    summary: 'text',
    nodeNames: 'function',
    offers: 'list',
    topologies: 'list',
    sites: 'list',
    preflight: 'function',
    boot: 'function',
  }),
} as const;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly KindName[];

function kindOf<T>(noun: string, fields: Readonly<Record<string, Wanted>>): ExtensionKind<T> {
  return {
    noun,
    missing: (candidate) => {
      if (candidate === undefined) return ['a default export'];
      if (typeof candidate !== 'object' || candidate === null) {
        return ['a default export that is an object'];
      }
      const given = candidate as Readonly<Record<string, unknown>>;
      return Object.entries(fields)
        .filter(([key, wanted]) => !isThere(given[key], wanted))
        .map(([key, wanted]) => `\`${key}\` (${describe(wanted)})`);
    },
  };
}

function isThere(value: unknown, wanted: Wanted): boolean {
  if (typeof wanted !== 'string') return wanted.includes(String(value));
  if (wanted === 'text') return typeof value === 'string';
  if (wanted === 'list') return Array.isArray(value);
  if (wanted === 'function') return typeof value === 'function';
  return (
    typeof value === 'object' &&
    value !== null &&
    'safeParse' in value &&
    typeof value.safeParse === 'function'
  );
}

function describe(wanted: Wanted): string {
  if (typeof wanted !== 'string') return `one of ${wanted.join(', ')}`;
  const words = { text: 'text', list: 'a list', function: 'a function' } as const;
  return wanted === 'schema' ? 'a schema such as z.strictObject({ ... })' : words[wanted];
}
