import type { Outcome } from '../../contracts/evidence.ts';
import type {
  Rehearsal,
  Statement,
  Transaction,
  TransactionWriter,
  WorkloadContext,
} from '../../contracts/workload.ts';
import { seededRandom } from '../../std/random.ts';
import type { AppParameter, AppTransaction } from './app.ts';
import { builtIn } from './generators.ts';
import type { Compiled } from './compile.ts';

/** A transaction of the file for one run. */
export interface Script {
  readonly of: AppTransaction;
  /** Those of the whole file that it uses, and its own. */
  readonly parameters: readonly AppParameter[];
  readonly statements: readonly Compiled[];
}

type Context = Pick<WorkloadContext<unknown>, 'seed' | 'payloadBytes' | 'payloadMostBytes'>;
type Values = Readonly<Record<string, string | number>>;

/** Draws transactions by their weights, and each one's values: from the seed alone, whatever the outcomes were. */
export class ScriptWriter implements TransactionWriter {
  readonly #writer: number;
  readonly #context: Context;
  readonly #scripts: readonly Script[];
  readonly #random: () => number;
  readonly #turns = new Map<AppParameter, number>();
  readonly #weights: number;
  #seq = 0;

  constructor(writer: number, scripts: readonly Script[], context: Context) {
    this.#writer = writer;
    this.#scripts = scripts;
    this.#context = context;
    this.#random = seededRandom(context.seed, `custom writer ${writer}`);
    this.#weights = scripts.reduce((sum, { of }) => sum + of.weight, 0);
  }

  next(): Transaction {
    const script = this.#draw();
    const { seq, values } = this.valuesOf(script);
    const statements = script.statements.map(({ text, parameters, touches }, index): Statement => {
      const bound = parameters.map((name) => values[name]);
      const name = `custom_${this.#scripts.indexOf(script)}_${index}`;
      return { name, text, values: bound, ...(touches && { touches }) };
    });
    return { seq, statements };
  }

  settle(_transaction: Transaction, _outcome: Outcome): void {
    // Nothing to remember: what comes next depends on the seed alone.
  }

  /** The values of its next transaction, which counts as made. */
  valuesOf({ parameters }: Script): { readonly seq: number; readonly values: Values } {
    const seq = this.#seq++;
    const { seed, payloadBytes, payloadMostBytes = payloadBytes } = this.#context;
    const sizes = { payloadBytes, payloadMostBytes };
    const moment = { seed, ...sizes, writer: this.#writer, seq, random: this.#random };
    const values: Record<string, string | number> = {};
    for (const [name, generator] of Object.entries(builtIn)) {
      values[name] = generator({ ...moment, turn: seq });
    }
    for (const parameter of parameters) {
      const turn = this.#turns.get(parameter) ?? 0;
      this.#turns.set(parameter, turn + 1);
      values[parameter.name] = parameter.generator({ ...moment, turn });
    }
    return { seq, values };
  }

  #draw(): Script {
    let drawn = this.#random() * this.#weights;
    const script = this.#scripts.find(({ of }) => (drawn -= of.weight) < 0) ?? this.#scripts[0];
    if (!script) throw new RangeError('a file without a transaction');
    return script;
  }
}

/** A script's first transaction, as client 0 would send it if it had no other. */
export function rehearsalOf(script: Script, context: Context): Rehearsal {
  const { values } = new ScriptWriter(0, [script], context).valuesOf(script);
  const used = new Set(script.statements.flatMap(({ parameters }) => parameters));
  return {
    name: `transaction ${script.of.name}`,
    statements: script.statements.map(({ text, parameters, touches, source }) => {
      const bound = parameters.map((name) => values[name]);
      return { text, values: bound, source, ...(touches && { touches }) };
    }),
    mayWriteNothing: script.statements.some(({ mayWrite }) => mayWrite),
    values: [...used].map((name) => `:${name} = ${shown(values[name])}`).join(', '),
  };
}

function shown(value: string | number | undefined): string {
  const text = JSON.stringify(value) as string | undefined;
  return (text ?? '').length > 40 ? `${text?.slice(0, 40) ?? ''}...` : (text ?? '');
}
