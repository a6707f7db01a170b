import { commandShell, type ShellKind, z } from 'forkpoint/extension';

const params = z.strictObject({
  root: z.string().startsWith('/').describe('a folder with a complete system in it'),
});

/** Another root on this host: a machine image that is unpacked, or mounted. */
const chroot: ShellKind<z.infer<typeof params>> = {
  summary: 'Runs commands in another root folder of this host, as root.',
  params,
  example: { root: '/' },
  make: ({ root }) => commandShell(`chroot ${root}`, ['chroot', root]),
};
export default chroot;
