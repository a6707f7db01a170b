import type { Json } from '../contracts/json.ts';

const removals = [
  'remove_data_directory_on_diverged_timelines',
  'remove_data_directory_on_rewind_failure',
] as const;

/** Why a setting of Patroni erases what an old primary wrote past a fork before a person has looked at it. */
export interface ErasingSetting {
  readonly setting: string;
  readonly why: string;
}

/** `config`: the answer of GET /config; a member's own file may say more. */
export function erasingSettings(config: Json): readonly ErasingSetting[] {
  const postgresql = objectOf(objectOf(config).postgresql);
  const rewind = {
    setting: 'use_pg_rewind',
    why: 'an old primary is rewound 1 to 3 s after it reaches the new one, and its WAL past the fork is gone; in a lab `hold: rejoin` waits for evidence',
  };
  const why = 'the data directory of an old primary is removed, not only rewound';
  return [
    ...(postgresql.use_pg_rewind === true ? [rewind] : []),
    ...removals.filter((name) => postgresql[name] === true).map((setting) => ({ setting, why })),
  ];
}

function objectOf(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : {};
}
