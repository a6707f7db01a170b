import type { ClusterSettings, FailoverManager } from '../../contracts/durability.ts';
import { judgeDurability } from '../../judge/durability/judge.ts';
import { erasesEvidence } from '../../judge/durability/erases-evidence.ts';
import { durabilityTable } from '../../judge/durability/table.ts';
import { ClusterError, messageOf, ScenarioError } from '../../std/errors.ts';
import { http, jsonOf } from '../../patroni/http.ts';
import { readMembers } from '../../run/read-settings.ts';
import { nameOf, parseServers } from '../../pg/dsn.ts';
import { tellLine } from './logger.ts';
import { type JsonArguments, printJson } from './json.ts';
import { exitCodes } from './output.ts';
import { plainValues } from '../../std/plain.ts';
import { print } from '../../std/output.ts';

const timeoutMs = 5_000;

/**
 * Prints what a cluster's settings promise: those of the servers at these addresses, and Patroni's if its REST address
 * is given. Only reads. Returns the exit code: fail for a defect, unknown when a server or Patroni did not answer.
 * Errors: ScenarioError for an invalid address; ClusterError when no server answers.
 */
export async function printDurability(
  {
    dsn,
    patroni,
    json,
  }: JsonArguments & { readonly dsn: readonly string[]; readonly patroni?: string | undefined },
  signal: AbortSignal,
): Promise<number> {
  const servers = await parseServers(dsn, { note: tellLine });
  const target = patroni === undefined ? undefined : restTarget(patroni);
  const targets = servers.map((server) => {
    const { endpoint: observer, credentials } = server;
    return { name: nameOf(server), observer, credentials };
  });
  const [members, manager] = await Promise.all([
    readMembers(targets, [], signal),
    target ? askPatroni(target, signal) : unnamed,
  ]);
  const settings: ClusterSettings = {
    schemaVersion: 1,
    members,
    isComplete: false,
    manager,
    asked: {},
  };
  if (members.every(({ problem }) => problem !== undefined)) {
    const said = members.map(({ node, problem }) => `${node}: ${problem ?? ''}`).join('\n');
    throw new ClusterError(`no server answered:\n${said}`);
  }
  const durability = judgeDurability(settings);
  const erases = erasesEvidence(settings);
  if (json) printJson({ ...durability, erasesEvidence: erases });
  else print(durabilityTable(plainValues(durability)) + erasingLines(plainValues(erases)));
  if (durability.rows.some(({ level }) => level === 'defect')) return exitCodes.fail;
  const isSilent = durability.problems.length > 0 || (target && manager.kind === 'unknown');
  return isSilent === true ? exitCodes.unknown : exitCodes.pass;
}

/** Of a loss that is looked into afterwards. */
function erasingLines(erases: readonly string[]): string {
  const lines = erases.map((each) => `  ${each}\n`);
  return erases.length === 0 ? '' : `What erases evidence of a loss:\n${lines.join('')}`;
}

const unnamed: FailoverManager = {
  kind: 'unknown',
  reason:
    'its REST address was not given (--patroni http://HOST:8008), so its behaviour is unknown',
};

interface RestTarget {
  readonly host: string;
  readonly port: number;
}

function restTarget(text: string): RestTarget {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' || url.hostname === '') {
    throw new ScenarioError(
      "--patroni: not the address of Patroni's REST API; write http://HOST:8008, without TLS",
    );
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
}

/** Patroni's REST API does not report which DCS it uses. */
async function askPatroni(target: RestTarget, signal: AbortSignal): Promise<FailoverManager> {
  const get = async (path: string) =>
    http(target, { method: 'GET', path, timeoutMs, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new Error(`GET ${path}: ${messageOf(error)}`, { cause: error });
    });
  try {
    const config = jsonOf(await get('/config'));
    // GET /patroni answers 503 when PostgreSQL is down; the body is valid all the same.
    const status = JSON.parse((await get('/patroni')).text) as {
      readonly patroni?: { readonly version?: string };
    };
    const version = status.patroni?.version;
    return { kind: 'patroni', config, ...(version !== undefined && { version }) };
  } catch (error) {
    signal.throwIfAborted();
    const where = `${target.host}:${target.port}`;
    return { kind: 'unknown', reason: `Patroni at ${where} did not answer: ${messageOf(error)}` };
  }
}
