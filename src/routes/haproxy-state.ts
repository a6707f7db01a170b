import { createConnection } from 'node:net';
import { ClusterError } from '../std/errors.ts';
import { waitUntil } from '../std/wait.ts';

const answerTimeoutMs = 2_000;
/** Each server is checked within `inter`, which is 2 s to 10 s in what people write. */
const settledTimeoutMs = 45_000;

/**
 * Waits until HAProxy has checked every server once and one is up: before its first check a server counts as up, and a
 * connection could lead to any node. `ask`: of its admin socket; '' where it does not answer.
 * Errors: ClusterError.
 */
export async function untilChecked(
  place: string,
  ask: (command: string) => Promise<string>,
): Promise<void> {
  let last = 'no answer yet';
  try {
    await waitUntil(
      `${place} has checked every server`,
      async () => {
        const servers = serversIn(await ask('show stat'));
        last = servers.map(({ name, status, check }) => `${name} ${status} ${check}`).join(', ');
        return (
          servers.length > 0 &&
          servers.every(({ check }) => check === '' || /L[467]/.test(check)) &&
          servers.some(({ status }) => status.startsWith('UP') || status === 'no check')
        );
      },
      { timeoutMs: settledTimeoutMs, everyMs: 100 },
    );
  } catch (error) {
    throw new ClusterError(`${place}: no server is up: ${last}`, { cause: error });
  }
}

interface Server {
  readonly name: string;
  readonly status: string;
  /** `L7OK`; `INI` before the first one; '' where it has none. */
  readonly check: string;
}

/** Shape: CSV with a header that begins with '# '. Source: HAProxy, management.txt, "Statistics and monitoring". */
export function serversIn(csv: string): readonly Server[] {
  const [head = '', ...lines] = csv.trim().split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const at = (cells: readonly string[], column: string) => cells[columns.indexOf(column)] ?? '';
  return lines
    .map((line) => line.split(','))
    .filter((cells) => !['FRONTEND', 'BACKEND', ''].includes(at(cells, 'svname')))
    .map((cells) => ({
      name: at(cells, 'svname'),
      status: at(cells, 'status'),
      check: at(cells, 'check_status'),
    }));
}

/** '' where it does not answer. */
export function askSocket(adminSocket: string, command: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = createConnection(adminSocket, () => socket.write(`${command}\n`));
    socket.setTimeout(answerTimeoutMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(said));
  });
}
