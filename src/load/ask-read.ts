import type { Json } from '../contracts/json.ts';
import type { Read } from '../contracts/workload.ts';
import { mostProblemCharacters, mostValueCharacters } from '../evidence/observations/format.ts';
import type { Session } from '../pg/session.ts';
import { messageOf } from '../std/errors.ts';

export type Kept = { readonly value: Json } | { readonly problem: string };

/** What a read keeps of its answer, or why there is none: then its session is over. Errors: those of the workload's own code. */
export async function askRead(
  session: Session,
  read: Read,
  { timeoutMs, isUnnamed = false }: { readonly timeoutMs: number; readonly isUnnamed?: boolean },
): Promise<Kept> {
  const { statement } = read;
  const sent = isUnnamed ? { text: statement.text, values: statement.values } : statement;
  let rows;
  try {
    ({ rows } = await session.query(sent, { timeoutMs }));
  } catch (error) {
    session.destroy();
    return { problem: shortened(messageOf(error)) };
  }
  const value = read.keep(rows);
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return { problem: 'its `keep` returned nothing' };
  if (text.length <= mostValueCharacters) return { value };
  return {
    problem: `its \`keep\` returned ${text.length} characters, and at most ${mostValueCharacters} are kept`,
  };
}

export function shortened(text: string): string {
  return text.slice(0, mostProblemCharacters);
}
