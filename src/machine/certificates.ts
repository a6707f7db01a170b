import type { CertificateControl } from '../contracts/cluster.ts';
import { waitUntil } from '../std/wait.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

/** A server's certificate and the authority that issues it, as files of its machine. */
export interface CertificatePlace extends ShelledMachine {
  /** Of the authority. */
  readonly authority: string;
  /** Of the server's certificate and key, without `.crt` and `.key`. */
  readonly base: string;
  /** By which clients, other servers and Patroni reach the server. */
  readonly names: readonly string[];
  /** What the key and the certificate must belong to; undefined: to who makes them. */
  readonly owner?: string;
  readonly dataFolder: string;
  /** Where the server itself is asked for its certificate. */
  readonly address: string;
  readonly port: number;
}

const dayMs = 86_400_000;
/** No run lasts longer. */
const lifeMs = 30 * dayMs;
const loadedTimeoutMs = 10_000;

/** $1: folder. `copy_extensions`: the names that the server's request asks for. */
const authorityScript = `
set -e; umask 077; mkdir -p "$1"; cd "$1"
: > index.txt
cat > ca.conf <<'END'
[ca]
default_ca = lab
[lab]
database = index.txt
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
END
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 31 -subj '/CN=Forkpoint lab' \\
  -keyout ca.key -out ca.crt 2>openssl.log || { cat openssl.log >&2; exit 1; }
chmod 755 .; chmod 644 ca.crt
cat ca.crt`;

/**
 * $1: the authority's folder; $2: base; $3: names; $4 and $5: begin and end; $6: the owner or nothing; $7: where the certificate is put.
 * One at a time: the authority keeps a list of what it has issued.
 */
const issue = `
set -e; umask 077
exec 9>"$1/lock"; flock 9
{
  [ -e "$2.key" ] || openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=PostgreSQL of a Forkpoint lab' \\
    -addext "subjectAltName=$3" -keyout "$2.key" -out "$2.csr"
  cd "$1"
  openssl ca -config ca.conf -batch -notext -in "$2.csr" -startdate "$4" -enddate "$5" -out "$2.made"
} 2>"$2.said" || { cat "$2.said" >&2; exit 1; }
[ -z "$6" ] || chown "$6" "$2.key" "$2.made"
mv "$2.made" "$7"`;

/** $8: where the present one is kept; $9: the data directory. The postmaster loads its files again when it is told to. */
const replaceScript = `
[ -e "$8" ] || cp -p "$2.crt" "$8" || exit 1
${issue}
kill -HUP "$(head -n 1 "$9/postmaster.pid")"`;

/** $1: base; $2: where the former one is kept; $3: the data directory. A server that is down loads it when it starts. */
const restoreScript = `
[ -e "$2" ] || exit 0
mv "$2" "$1.crt"
[ ! -e "$3/postmaster.pid" ] || kill -HUP "$(head -n 1 "$3/postmaster.pid")" 2>/dev/null || true`;

const endOfFileScript = 'openssl x509 -in "$1.crt" -noout -enddate';
/** What the server shows to a client, whatever the client makes of it. */
const shownScript =
  'openssl s_client -starttls postgres -connect "$1" </dev/null 2>/dev/null | openssl x509 -noout -enddate';

/** Makes an authority for the servers of one lab; returns its certificate, in PEM. Errors: ClusterError. */
export function makeAuthority(machine: ShelledMachine, folder: string): Promise<string> {
  return runScript(machine, `make a certificate authority in ${folder}`, [authorityScript, folder]);
}

/** Gives a server that has not started its key and a certificate that outlives every run. Errors: ClusterError. */
export async function issueCertificate(place: CertificatePlace): Promise<void> {
  const what = `issue a certificate for ${place.base}.crt`;
  await runScript(place, what, [issue, ...issueWords(place, new Date(Date.now() + lifeMs))]);
}

/** Source: PostgreSQL, "Secure TCP/IP Connections with SSL": a reload has the postmaster read the files again. */
export function certificateControl(place: CertificatePlace): CertificateControl {
  const { base, dataFolder, address, port } = place;
  const keptAs = (id: string) => `${base}.crt.${id.replace(/[^\w.-]/g, '-')}`;
  const shown = async () =>
    dateIn(
      await runScript(place, `ask PostgreSQL for its certificate on ${address}:${port}`, [
        shownScript,
        `${address}:${port}`,
      ]),
    );
  return {
    endsAt: async () => dateIn(await runScript(place, `read ${base}.crt`, [endOfFileScript, base])),
    replace: async (id, endsAt) => {
      const words = [...issueWords(place, endsAt), keptAs(id), dataFolder];
      await runScript(place, `replace ${base}.crt`, [replaceScript, ...words]);
      await waitUntil(
        `PostgreSQL of ${place.name} shows a certificate that ends at ${endsAt.toISOString()}`,
        async () => (await shown()).getTime() === endsAt.getTime(),
        { timeoutMs: loadedTimeoutMs, everyMs: 100 },
      );
    },
    restore: async (id) => {
      await runScript(place, `restore ${base}.crt`, [restoreScript, base, keptAs(id), dataFolder]);
    },
  };
}

function issueWords(
  { authority, base, names, owner = '' }: CertificatePlace,
  endsAt: Date,
): readonly string[] {
  const isAddress = (name: string) => /^[\d.]+$/.test(name);
  // libpq before 15 compares an address with the names only.
  const alternative = [
    ...names.filter(isAddress).map((name) => `IP:${name}`),
    ...names.map((name) => `DNS:${name}`),
  ].join(',');
  const beginsAt = new Date(Date.now() - dayMs);
  return [authority, base, alternative, stamp(beginsAt), stamp(endsAt), owner, `${base}.crt`];
}

/** As openssl takes it: 20261130164205Z. */
function stamp(time: Date): string {
  return `${time.toISOString().replace(/[-:T]|\.\d+Z$/g, '')}Z`;
}

/** Shape: `notAfter=Nov 30 16:42:05 2026 GMT`. */
function dateIn(text: string): Date {
  return new Date(text.trim().replace('notAfter=', ''));
}
