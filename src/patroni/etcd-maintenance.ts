import type { Json } from '../contracts/json.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import { http, jsonOf } from './http.ts';
import type { EtcdMember } from './lock-state.ts';

const timeoutMs = 5_000;

interface Status {
  readonly header: { readonly member_id: string; readonly revision?: string };
  /** Id of the member that leads; absent or '0': this one knows of none. */
  readonly leader?: string;
}

/** The member that says of itself that it leads; undefined: none that answers does. Source: etcd, `Maintenance.Status`. */
export async function etcdLeader(
  members: readonly EtcdMember[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const names = await Promise.all(
    members.map(async (member) => {
      const status = await statusOf(member, signal).catch(() => undefined);
      return status?.leader === status?.header.member_id ? status && member.name : undefined;
    }),
  );
  return names.find((name) => name !== undefined);
}

/**
 * Raises or clears the alarm that etcd raises itself when its database has reached its quota: until it is cleared every
 * member refuses to store anything. It is stored by the quorum. Errors: ClusterError.
 */
export async function setNoSpace(
  members: readonly EtcdMember[],
  isRaised: boolean,
  signal: AbortSignal,
): Promise<void> {
  const action = isRaised ? 'ACTIVATE' : 'DEACTIVATE';
  const what = `${action.toLowerCase()} the alarm NOSPACE`;
  await fromAny(members, what, async (member) => {
    const { header } = await statusOf(member, signal);
    const body = { action, memberID: header.member_id, alarm: 'NOSPACE' };
    if (isRaised) return post(member, '/v3/maintenance/alarm', body, signal);
    // Whichever member raised it.
    for (const { memberID, alarm } of await noSpaceAlarms(member, signal)) {
      await post(member, '/v3/maintenance/alarm', { action, memberID, alarm }, signal);
    }
    return null;
  });
}

/** Whether that alarm is raised, as the first member says that answers. Errors: ClusterError. */
export async function hasNoSpace(
  members: readonly EtcdMember[],
  signal: AbortSignal,
): Promise<boolean> {
  const ask = (member: EtcdMember) => noSpaceAlarms(member, signal);
  return (await fromAny(members, 'list its alarms', ask)).length > 0;
}

interface Alarm {
  readonly memberID: string;
  readonly alarm: string;
}

async function noSpaceAlarms(member: EtcdMember, signal: AbortSignal): Promise<readonly Alarm[]> {
  const said = await post(member, '/v3/maintenance/alarm', { action: 'GET' }, signal);
  const { alarms = [] } = said as unknown as { readonly alarms?: readonly Alarm[] };
  return alarms.filter(({ alarm }) => alarm === 'NOSPACE');
}

/** Forgets every revision but the present one, at all members. Returns that revision. Errors: ClusterError. */
export async function compactEtcd(
  members: readonly EtcdMember[],
  signal: AbortSignal,
): Promise<string> {
  return fromAny(members, 'compact its history', async (member) => {
    const { revision = '0' } = (await statusOf(member, signal)).header;
    await post(member, '/v3/kv/compaction', { revision, physical: true }, signal);
    return revision;
  });
}

/** While a member does that, it answers nothing. Errors: ClusterError. */
export async function defragmentEtcd(
  members: readonly EtcdMember[],
  signal: AbortSignal,
): Promise<void> {
  for (const member of members) {
    const asked = () => post(member, '/v3/maintenance/defragment', {}, signal);
    await fromAny([member], 'defragment its database', asked);
  }
}

async function statusOf(member: EtcdMember, signal: AbortSignal): Promise<Status> {
  return (await post(member, '/v3/maintenance/status', {}, signal)) as unknown as Status;
}

async function post(
  { target }: EtcdMember,
  path: string,
  body: Json,
  signal: AbortSignal,
): Promise<Json> {
  const answer = await http(target, { method: 'POST', path, body, timeoutMs, signal });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text.trim()}`);
  return jsonOf(answer);
}

/** The first member that can counts; with the others' reasons where none can. */
async function fromAny<T>(
  members: readonly EtcdMember[],
  what: string,
  ask: (member: EtcdMember) => Promise<T>,
): Promise<T> {
  const reasons: string[] = [];
  for (const member of members) {
    try {
      return await ask(member);
    } catch (error) {
      reasons.push(`${member.name}: ${messageOf(error)}`);
    }
  }
  throw new ClusterError(`etcd did not ${what}: ${reasons.join('; ')}`);
}
