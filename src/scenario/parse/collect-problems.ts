import type { Json, Schema } from '../../contracts/json.ts';
import { suggestion } from '../../std/suggest.ts';
import type { Path } from './parse-yaml.ts';
import { problemsOf, unknownKey, type Problem } from './problems.ts';
import type { Raw } from './mapping.ts';

/** Collects the problems of a file while each section is read on its own, so that all are reported at once. */
export class Findings {
  readonly problems: Problem[] = [];

  add(problem: Problem): void {
    this.problems.push(problem);
  }

  read<T>(schema: Schema<T>, raw: unknown, prefix: Path): T | undefined {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    this.problems.push(...problemsOf(parsed.error.issues, { prefix, raw, schema }));
    return undefined;
  }

  /** Reads an extension's own keys; suggestions for an unknown key come from all keys allowed beside it. */
  readOwn(
    schema: Schema<Json>,
    own: Raw,
    { prefix, known }: { readonly prefix: Path; readonly known: readonly string[] },
  ): Json | undefined {
    const parsed = schema.safeParse(own);
    if (parsed.success) return parsed.data;
    for (const problem of problemsOf(parsed.error.issues, { prefix, raw: own, schema })) {
      const isOwnKey = problem.at === 'key' && problem.path.length === prefix.length + 1;
      this.add(isOwnKey ? unknownKey(problem.path, known) : problem);
    }
    return undefined;
  }

  /** Looks up the name of an extension. */
  lookUp<T>(
    kind: string,
    name: string,
    known: ReadonlyMap<string, T>,
    path: Path,
    at: Problem['at'] = 'value',
  ): T | undefined {
    const found = known.get(name);
    if (found === undefined) {
      const message = `there is no ${kind} '${name}'${suggestion(name, known.keys())}`;
      this.add({ path, message, at });
    }
    return found;
  }
}
