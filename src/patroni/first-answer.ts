import { ClusterError, messageOf } from '../std/errors.ts';
import type { PatroniMember } from './rest.ts';

/** What the first member that answers says. Errors: ClusterError with what each said; the signal's reason when aborted. */
export async function firstAnswer<T>(
  members: readonly PatroniMember[],
  ask: (member: PatroniMember) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const failures: string[] = [];
  for (const member of members) {
    try {
      return await ask(member);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(messageOf(error));
    }
  }
  throw new ClusterError(failures.join('; '));
}
