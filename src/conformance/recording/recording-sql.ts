import type { SqlControl } from '../../contracts/cluster.ts';

interface Hooks {
  /** Logs it, or fails. */
  readonly harm: (what: string) => Promise<unknown>;
  readonly stopped: Set<string>;
}

type Row = Readonly<Record<string, unknown>>;
type Step = (hooks: Hooks, name: string) => Promise<readonly Row[]> | readonly Row[];

let reloads = 0;

/** What the statements of the shipped faults say and do, told by a word that only they have; the real thing is in test/acceptance. */
const steps: readonly (readonly [RegExp, Step])[] = [
  [/pg_terminate_backend/, async ({ harm }) => (await harm('terminate'), [{ terminated: 3 }])],
  [/pg_cancel_backend/, async ({ harm }) => (await harm('cancel'), [{ cancelled: 2 }])],
  [/pg_logical_emit_message/, () => [{ lsn: '0/5000100' }]],
  [/ AS restore/, () => [parameter]],
  [/pg_conf_load_time/, () => [{ at: String((reloads += 1)) }]],
  [/ AS most/, () => [{ most: 100, reserved: 3, taken: 20 }]],
  [
    /nspname AS schema/,
    () => [{ schema: 'forkpoint_run', quoted: 'forkpoint_run.ledger', partitions: ['ledger_0'] }],
  ],
  [/ AS undo/, () => [{ statement: 'HARM', undo: 'HEAL' }]],
  [/ AS recovering/, () => [{ recovering: true }]],
  [/server_version_num/, () => [{ version: '150000' }]],
  [/pg_promote\(/, async ({ harm }) => (await harm('promote'), [{ promoted: true }])],
  [
    /pg_get_wal_replay_pause_state/,
    ({ stopped }, name) => [{ state: stopped.has(`replay of ${name}`) ? 'paused' : 'not paused' }],
  ],
  [/pg_wal_replay_resume\(/, ({ stopped }, name) => (stopped.delete(`replay of ${name}`), [])],
  [
    /pg_wal_replay_pause\(/,
    async ({ harm, stopped }, name) => {
      await harm('pause of replay');
      stopped.add(`replay of ${name}`);
      return [];
    },
  ],
  [/^HEAL/, ({ stopped }, name) => (stopped.delete(`data of ${name}`), [])],
  [
    /^HARM/,
    async ({ harm, stopped }, name) => {
      await harm('sql');
      stopped.add(`data of ${name}`);
      return [];
    },
  ],
];
const parameter = {
  context: 'sighup',
  source: 'default',
  sourcefile: null,
  before: '1',
  set: 'HARM',
  restore: 'HEAL',
};

export function recordingSql(name: string, hooks: Hooks): SqlControl {
  return {
    query: async (text) => {
      const step = steps.find(([pattern]) => pattern.test(text))?.[1];
      return step ? step(hooks, name) : [];
    },
    hold: async (tag, sessions) => {
      await hooks.harm(`hold ${sessions.length}`);
      hooks.stopped.add(`held on ${name} by ${tag}`);
    },
    holdSlot: async (tag) => {
      await hooks.harm('slot');
      hooks.stopped.add(`held on ${name} by ${tag}`);
      return 'slot';
    },
    held: (tag) => {
      const isHeld = hooks.stopped.has(`held on ${name} by ${tag}`);
      const slot = { name: 'slot', isActive: false, walStatus: 'reserved', retainedBytes: 0 };
      const sessions = isHeld ? Infinity : 0;
      return Promise.resolve({
        sessions,
        endedBy: [],
        hasPrepared: isHeld,
        ...(isHeld && { slot }),
      });
    },
    release: (tag) => Promise.resolve(void hooks.stopped.delete(`held on ${name} by ${tag}`)),
  };
}
