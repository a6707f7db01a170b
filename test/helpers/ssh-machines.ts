import { run, runOk } from '../../src/std/exec.ts';

export const failed = (said: string): Error => new Error(said);

/** Bash, as root in a container, by the engine. */
export type Inside = (machine: string, script: string, input?: string) => Promise<string>;

/** Where a container's sshd finds a key, and who may log in: `ops` has sudo, `guest` has not. */
const logins = ['ops', 'guest'];

/** The project's image with a real sshd and sudo, for the very image that it is made from: an older one may lack programs. */
export async function sshImage(): Promise<string> {
  const base = process.env.FORKPOINT_DOCKER_IMAGE ?? 'forkpoint-cluster:pg17';
  const id = await runOk(['docker', 'image', 'inspect', '-f', '{{.Id}}', base], failed);
  const image = `forkpoint-test-ssh:${id.trim().replace('sha256:', '').slice(0, 12)}`;
  const known = await run(['docker', 'image', 'inspect', image]);
  if (known.exitCode === 0) return image;
  const argv = ['docker', 'build', '--network', 'host', '-t', image, '-'];
  const built = await run(['env', 'DOCKER_BUILDKIT=0', ...argv], {
    input: imageText(base),
    timeoutMs: 600_000,
  });
  if (built.exitCode !== 0) throw new Error(`docker build: ${built.stderr}${built.stdout}`);
  return image;
}

const imageText = (base: string) => `FROM ${base}
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openssh-server sudo \\
 && rm -rf /var/lib/apt/lists/* \\
 && ${logins.map((login) => `useradd -m -s /bin/bash ${login}`).join(' && ')} \\
 && echo 'ops ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ops && mkdir -p /run/sshd
`;

export interface PlacedFile {
  readonly path: string;
  readonly text: string;
  readonly owner?: string;
  readonly mode?: string;
}

/** All in one command: under load each costs half a second. */
export async function placeFiles(
  machine: string,
  files: readonly PlacedFile[],
  inside: Inside,
): Promise<void> {
  const steps = files.map(({ path, text, owner = 'postgres', mode = '0600' }) => {
    const encoded = Buffer.from(text).toString('base64');
    return `base64 -d <<< ${encoded} | install -D -o ${owner} -m ${mode} /dev/stdin ${path}`;
  });
  await inside(machine, 'set -e; source /dev/stdin', steps.join('\n'));
}

/** sshd's view of an operator's key. */
export function authorized(publicKey: string): readonly PlacedFile[] {
  return logins.map((login) => ({
    path: `/home/${login}/.ssh/authorized_keys`,
    text: publicKey,
    owner: login,
    mode: '0644',
  }));
}

export async function makeKey(file: string): Promise<string> {
  await runOk(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file], failed);
  return runOk(['cat', `${file}.pub`], failed);
}
