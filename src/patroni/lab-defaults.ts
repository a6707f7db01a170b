import { labParameters, labPostgresql, patroniDefaults } from './dynamic-config.ts';

/** The program's own default, and the effect of the lab's value. */
type Note = readonly [usual: string, why: string];

const notes: Readonly<Record<string, Note>> = {
  max_connections: ['100', 'follows from `load.clients` where these are many'],
  shared_buffers: ['128MB', 'three servers on one machine'],
  wal_log_hints: [
    'off',
    'pg_rewind works; on a cluster without it and without checksums it does not',
  ],
  wal_sender_timeout: [
    '60s',
    'a dead replica is let go after 5 s: slots, and COMMIT in synchronous mode, wait less',
  ],
  wal_receiver_timeout: [
    '60s',
    'a replica notices a silent primary after 5 s and asks for WAL elsewhere',
  ],
  wal_retrieve_retry_interval: ['5s', 'a replica comes back faster'],
  use_pg_rewind: ['false', 'an old primary rejoins by itself'],
  use_slots: ['true', 'the same, written out'],
};

/** docs/lab-defaults.md. Errors: Error for a setting without a description. */
export function renderLabDefaults(): string {
  const settings = { ...labParameters, ...labPostgresql };
  return [
    '# Settings of a lab',
    '',
    'Made by `npm run schema`. A lab (local, docker) runs with these beyond the defaults of PostgreSQL and Patroni. They make',
    'runs short, and some hide what a cluster with the usual values shows: to repeat an incident, set yours in',
    '`cluster.parameters` and `cluster.patroni`.',
    '',
    '| setting | lab | usual | what that does |',
    '|---|---|---|---|',
    ...Object.entries(settings).map(([name, value]) => row(name, String(value))),
    '',
    "Patroni's times and limits are its own defaults, unless the scenario sets them:",
    `${Object.entries(patroniDefaults)
      .map(([name, value]) => `\`${name}: ${JSON.stringify(value)}\``)
      .join(', ')}.`,
    '',
    '`initdb` runs with data checksums, UTF8 and locale C. Synchronous commit, fsync and full_page_writes are never weakened.',
    '',
  ].join('\n');
}

function row(name: string, value: string): string {
  const note = notes[name];
  if (!note) throw new Error(`${name}: describe its effect in lab-defaults.ts`);
  return `| \`${name}\` | \`${value}\` | \`${note[0]}\` | ${note[1]} |`;
}
