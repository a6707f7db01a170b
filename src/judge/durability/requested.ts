import type { DurabilityRow, MemberSettings } from '../../contracts/durability.ts';
import type { Facts } from './facts.ts';
import { isSameSetting } from './same-setting.ts';

type Role = MemberSettings['role'];

/** Read in recovery only, so a primary has no say in them. Source: PostgreSQL, xlogrecovery.c; `recovery_target*` below. */
const recoveryParameters = new Set([
  ...['archive_cleanup_command', 'primary_conninfo', 'primary_slot_name', 'promote_trigger_file'],
  ...['recovery_end_command', 'recovery_min_apply_delay', 'restore_command'],
]);

/**
 * One row per parameter that the scenario asked for and some member does not run: Patroni leaves out what it does not
 * know and sets some by itself, and a run under another name than its own would prove the wrong thing.
 */
export function notInForce({ settings, answered }: Facts): readonly DurabilityRow[] {
  return Object.entries(settings.asked).flatMap(([setting, asked]): DurabilityRow[] => {
    const members = answered.filter(({ role }) => counts(setting, role));
    const without = members.filter((member) => !hasInForce(member, setting, asked));
    const first = members.find(({ role }) => role === 'primary') ?? members[0];
    if (!first || without.length === 0) return [];
    const isEverywhere = without.length === members.length;
    const where = isEverywhere ? '' : ` on ${without.map(({ node }) => node).join(', ')}`;
    const wanted = `${setting} = ${asked || "''"}`;
    const promise = `the scenario asked for ${wanted}, which is not in force${where}`;
    const value = valueOf(first, setting);
    const differs = members
      .map((member) => ({ node: member.node, value: valueOf(member, setting) }))
      .filter((other) => other.value !== value);
    return [{ setting, value, differs, promise, level: 'defect' }];
  });
}

/** Patroni keeps synchronous_standby_names empty on replicas, and recovery parameters off the primary. */
function counts(name: string, role: Role): boolean {
  const key = name.toLowerCase();
  if (key === 'synchronous_standby_names') return role === 'primary';
  const isOfRecovery = recoveryParameters.has(key) || key.startsWith('recovery_target');
  return !isOfRecovery || role === 'replica';
}

function hasInForce({ parameters, types }: MemberSettings, name: string, asked: string): boolean {
  const found = parameters[name];
  if (found === undefined) return false;
  const type = types?.[name];
  // What this session itself was started with hides what the server has.
  if (type !== undefined && ['client', 'session'].includes(type.source)) return true;
  return isSameSetting(name, { asked, found, type });
}

function valueOf({ parameters }: MemberSettings, name: string): string {
  return parameters[name] ?? 'not known to the server';
}
