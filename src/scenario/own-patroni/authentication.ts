import type { Json } from '../../contracts/json.ts';
import { isMapping, type Raw } from '../parse/mapping.ts';
import type { FitContext } from './context.ts';
import type { LabLogins } from './hba.ts';
import { textOf } from './parameters.ts';

const path = ['postgresql', 'authentication'] as const;
const kept = ['username', 'password'];
const labsReplication = 'replicator';

/** The logins for replication and pg_rewind are used; load and harness connect as the lab's superuser. */
export function fitAuthentication(
  section: Raw,
  { listing }: FitContext,
): Readonly<Record<string, Json>> {
  const fitted = Object.entries(section).flatMap(([login, given]) => {
    if (!isMapping(given)) return [];
    if (login === 'superuser') {
      const by = "postgres, with the lab's own password";
      const why = 'the load and the harness log in as it';
      listing.replace([...path, login], (given.username as Json) ?? '', { by, why });
      return [];
    }
    for (const [name, value] of Object.entries(given)) {
      if (kept.includes(name)) continue;
      listing.leaveOut(
        [...path, login, name],
        value as Json,
        "a lab has no certificates of clients; cluster.tls sets members' sslmode",
      );
    }
    const own = kept.flatMap((name) => {
      const text = textOf((given[name] ?? null) as Json);
      return text === undefined ? [] : [[name, text] as const];
    });
    return [[login, Object.fromEntries(own)] as const];
  });
  return Object.fromEntries(fitted);
}

export function loginsOf(section: Raw): LabLogins {
  const nameOf = (login: unknown) =>
    isMapping(login) && typeof login.username === 'string' ? login.username : undefined;
  const rewind = nameOf(section.rewind);
  return {
    replication: nameOf(section.replication) ?? labsReplication,
    ...(rewind !== undefined && { rewind }),
  };
}
