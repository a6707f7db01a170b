import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOk } from '../../src/std/exec.ts';

export interface Authority extends AsyncDisposable {
  /** PEM, and its file. */
  readonly root: string;
  readonly rootFile: string;
  /** A certificate of this authority. */
  issue(commonName: string, options?: IssueOptions): Promise<Certificate>;
}

interface IssueOptions {
  /** DNS names or addresses. */
  readonly names?: readonly string[];
  readonly isExpired?: boolean;
  /** Encrypts the key. */
  readonly keyPassword?: string;
  /** Owner of the key's file: PostgreSQL refuses a key that others own. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A certificate authority for one test; disposing it removes its files. */
export async function startAuthority(name = 'Test authority'): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'fp-ca-'));
  // PostgreSQL's user must read the folder too, so each key has its own permissions.
  await openssl(['chmod', '0755', folder]);
  const rootFile = join(folder, 'root.crt');
  const rootKey = join(folder, 'root.key');
  await openssl([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
    ...['-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', rootKey, '-out', rootFile],
  ]);
  let issued = 0;
  return {
    root: await readFile(rootFile, 'utf8'),
    rootFile,
    issue: async (commonName, options = {}) => {
      issued++;
      const base = join(folder, String(issued));
      await sign({ base, rootFile, rootKey, commonName }, options);
      return {
        certificate: await readFile(`${base}.crt`, 'utf8'),
        key: await readFile(`${base}.key`, 'utf8'),
        certificateFile: `${base}.crt`,
        keyFile: `${base}.key`,
      };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Request {
  readonly base: string;
  readonly rootFile: string;
  readonly rootKey: string;
  readonly commonName: string;
}

async function sign({ base, rootFile, rootKey, commonName }: Request, options: IssueOptions) {
  const { names = [], isExpired = false, keyPassword, owner } = options;
  const cipher = keyPassword === undefined ? ['-nodes'] : ['-passout', `pass:${keyPassword}`];
  await openssl([
    ...['openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
    ...[...cipher, '-subj', `/CN=${commonName}`, '-keyout', `${base}.key`, '-out', `${base}.csr`],
  ]);
  const alternative = names.map((name) => (/^[\d.]+$|:/.test(name) ? `IP:${name}` : `DNS:${name}`));
  await writeFile(
    `${base}.ext`,
    alternative.length === 0 ? '' : `subjectAltName=${alternative.join(',')}\n`,
  );
  await openssl([
    ...['openssl', 'x509', '-req', '-in', `${base}.csr`, '-CA', rootFile, '-CAkey', rootKey],
    ...['-CAcreateserial', '-extfile', `${base}.ext`, '-days', isExpired ? '-1' : '1'],
    ...['-out', `${base}.crt`],
  ]);
  await openssl(['chmod', '0600', `${base}.key`]);
  if (owner) await chown(`${base}.key`, owner.uid, owner.gid);
}

function openssl(argv: readonly string[]) {
  return runOk([...argv], (message) => new Error(message));
}
