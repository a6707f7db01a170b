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
  const ofMembers = answered.map(({ asked = {} }) => asked);
  const names = [settings.asked, ...ofMembers].flatMap(Object.keys);
  return [...new Set(names)].flatMap((setting): DurabilityRow[] => {
    const wanted = (member: MemberSettings) => member.asked?.[setting] ?? settings.asked[setting];
    const members = answered.filter(
      (member) => wanted(member) !== undefined && counts(setting, member.role),
    );
    const without = members.filter((member) => !hasInForce(member, setting, wanted(member) ?? ''));
    const first = members.find(({ role }) => role === 'primary') ?? members[0];
    const [asked] = without.map(wanted);
    if (!first || asked === undefined) return [];
    const isEverywhere = without.length === answered.length;
    const where = isEverywhere ? '' : ` on ${without.map(({ node }) => node).join(', ')}`;
    const promise = `the scenario asked for ${setting} = ${asked || "''"}, which is not in force${where}`;
    const value = valueOf(first, setting);
    const differs = members
      .map((member) => ({ node: member.node, value: valueOf(member, setting) }))
      .filter((other) => other.value !== value);
    return [{ setting, value, differs, promise, level: 'defect' }];
  });
}

/** One row per tag, role and pg_hba.conf of the user's own configuration that some member has otherwise. */
export function ownNotInForce({ settings: { own } }: Facts): readonly DurabilityRow[] {
  const differences = own?.differences ?? [];
  const settings = [...new Set(differences.map(({ setting }) => setting))];
  return settings.map((setting): DurabilityRow => {
    const [first, ...others] = differences.filter((each) => each.setting === setting);
    const { asked = '', found = '', node = '' } = first ?? {};
    const nodes = [node, ...others.map((other) => other.node)].join(', ');
    const promise = `your configuration asks for ${asked}, which is not in force on ${nodes}`;
    const differs = others.map((other) => ({ node: other.node, value: other.found }));
    return { setting, value: found, differs, promise, level: 'defect' };
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
