/** Of a cluster's PostgreSQL members; the first is the compose file's service too. */
export function memberNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `pg${index + 1}`);
}

/** The compose file's services of etcd. */
export const dcsNames = ['etcd1', 'etcd2', 'etcd3'] as const;

export const firstMember = 'pg1';

export function isMemberName(name: string): boolean {
  return /^pg\d+$/.test(name);
}
