import type { Json, Schema } from '../contracts/json.ts';
import { knownKeys } from '../scenario/parse/problems.ts';
import { Breach, demand, type Rule, type Subject } from './rule.ts';

interface Configurable {
  readonly params: Schema<unknown>;
  readonly example?: Json;
}

/** One valid set of its keys. Errors: Breach when `example` is not valid, or is missing though a key has no default. */
export function exampleParams<P>(extension: {
  readonly params: Schema<P>;
  readonly example?: Json;
}): P {
  const parsed = extension.params.safeParse(extension.example ?? {});
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Breach(`\`example\` must be one right set of its keys: ${said.join('; ')}`);
}

/** Of every kind whose params are a mapping in a file. `taken`: keys that stand beside its own there. */
export function mappingRules<T extends Configurable>(
  taken: readonly string[],
): readonly Rule<Subject<T>>[] {
  return [
    {
      says: 'has one valid set of its keys, by defaults or as `example`',
      check: ({ extension }) => void exampleParams(extension),
    },
    {
      says: 'rejects a key that it does not have',
      check: ({ extension }) => {
        const parsed = extension.params.safeParse({ ...mapping(extension.example), zzz: 1 });
        demand(!parsed.success, '`params` accepts the key zzz: use z.strictObject');
      },
    },
    {
      says: 'rejects junk in each of its keys, naming the key',
      check: ({ extension: { params, example } }) => {
        demand(!params.safeParse('junk').success, "`params` accepts the text 'junk' for a mapping");
        for (const key of knownKeys(params)) {
          const parsed = params.safeParse({ ...mapping(example), [key]: { junk: [null] } });
          const named = parsed.success ? [] : parsed.error.issues.map(({ path }) => path[0]);
          demand(named.includes(key), `\`params\` does not complain of ${key}: {"junk":[null]}`);
        }
      },
    },
    {
      says: 'uses no key that means something else in the same place',
      check: ({ extension }) => {
        const clash = knownKeys(extension.params).filter((key) => taken.includes(key));
        demand(clash.length === 0, `these keys are taken: ${clash.join(', ')}`);
      },
    },
  ];
}

function mapping(example: Json | undefined): object {
  return typeof example === 'object' && example !== null ? example : {};
}

/** Its description in `--help`, the schema for editors and reports. */
export function summaryRule<T extends { readonly summary: string }>(): Rule<Subject<T>> {
  return {
    says: 'says in one line what it does',
    check: ({ extension: { summary } }) => {
      demand(/^\S.{5,140}\S$/.test(summary), `\`summary\` is '${summary}': one line of 7 to 142`);
    },
  };
}
