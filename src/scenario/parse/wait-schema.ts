import { z } from 'zod';
import type { AwaitedState, Wait } from '../../contracts/scenario.ts';
import { duration, size } from '../../std/units/units.ts';
import { suggestion } from '../../std/suggest.ts';

const example = '"lag > 2MB within 20s"';
const plain = {
  failover: 'failover',
  replayed: 'replayed',
  delivered: 'delivered',
  leader: 'leader',
  'no leader': 'noLeader',
} as const;
/** The states as messages spell them. */
const forms = [
  ...[...Object.keys(plain), 'lag > 2MB', 'lag < 64kB', 'acknowledged >= 1000'],
  ...['pg2 streaming', 'targets of cut#1 streaming'],
];

/** A zod schema of a state to wait for and its limit: `failover within 40s`, `lag > 2MB within 20s`. */
export const wait = z
  .string({ error: `must be a text such as ${example}` })
  .regex(/ within /, `needs a limit: ${example}`)
  .transform((text, context): Wait => {
    const fail = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const [, what = '', limit = ''] = /^(.*) within (.*)$/s.exec(text) ?? [];
    const state = readState(what.trim().replaceAll(/\s+/g, ' '));
    if ('problem' in state) return fail(state.problem);
    const limitMs = duration.safeParse(limit.trim());
    if (!limitMs.success) return fail(limitMs.error.issues[0]?.message ?? 'has no limit');
    if (limitMs.data === 0) return fail('needs a limit above 0s');
    return { state, limitMs: limitMs.data };
  });

function readState(text: string): AwaitedState | { readonly problem: string } {
  if (Object.hasOwn(plain, text)) return { is: plain[text as keyof typeof plain] };
  if (/^lag\b/.test(text) && !/^lag [<>] .+$/.test(text)) {
    return { problem: `lag is compared with a size: lag > 2MB, not '${text}'` };
  }
  const [, op, bytes] = /^lag ([<>]) (.+)$/.exec(text) ?? [];
  if (op !== undefined && bytes !== undefined) return readLag(op as '<' | '>', bytes);
  const [, writes] = /^acknowledged >= (\d{1,9})$/.exec(text) ?? [];
  if (writes !== undefined) return { is: 'acknowledged', writes: Number(writes) };
  const [, target] = /^(.+) streaming$/.exec(text) ?? [];
  if (target !== undefined) return { is: 'streaming', target };
  return { problem: `'${text}' is not a state to wait for${suggestion(text, forms)}` };
}

function readLag(op: '<' | '>', text: string): AwaitedState | { readonly problem: string } {
  const bytes = size.safeParse(text);
  if (bytes.success) return { is: 'lag', op, bytes: bytes.data };
  return { problem: `lag: ${bytes.error.issues[0]?.message ?? 'is no size'}` };
}
