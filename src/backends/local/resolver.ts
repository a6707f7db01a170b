import { labFolder, observerAddress } from './layout.ts';

const nameServer = `nameserver ${observerAddress}`;
/** Without a resolver of the host's that would be asked first. */
const lookups = ['passwd: files', 'group: files', 'shadow: files', 'hosts: files dns'].join('\\n');

/** Shell lines by which every program in the lab's mount namespace asks the lab's name server. */
export function resolverOfLab(): readonly string[] {
  const folder = `${labFolder}/names`;
  return [
    `mkdir -p ${folder}/changes`,
    `echo '${nameServer}' >${folder}/resolv.conf`,
    `printf '${lookups}\\n' >${folder}/nsswitch.conf`,
    `mount --bind ${folder}/resolv.conf /etc/resolv.conf`,
    `mount --bind ${folder}/nsswitch.conf /etc/nsswitch.conf`,
  ];
}

/**
 * Prefix of a program that keeps this host's files, but for those of the resolver. A file of the lab's own mounts cannot be mounted
 * here, so both are made anew; nothing of it is seen outside.
 */
export const resolverOfClient: readonly string[] = [
  ...['unshare', '-m', 'sh', '-c'],
  [
    'mount -t tmpfs tmpfs /mnt',
    `echo '${nameServer}' >/mnt/resolv.conf`,
    `printf '${lookups}\\n' >/mnt/nsswitch.conf`,
    'mount --bind /mnt/resolv.conf /etc/resolv.conf',
    'mount --bind /mnt/nsswitch.conf /etc/nsswitch.conf',
    'umount -l /mnt',
    'exec "$@"',
  ].join(' && '),
  // Node looks names up in a pool of four threads, and each waits as long as the answer takes.
  ...['sh', 'env', 'UV_THREADPOOL_SIZE=64'],
];
