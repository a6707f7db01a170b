import { ScenarioError } from '../std/errors.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const loopback = '127.0.0.1';

/**
 * ':9464' or '9464': this host only. '0.0.0.0:9464', '[::]:9464': every interface. Port 0: any that is free.
 * Errors: ScenarioError naming the option.
 */
export function listenAddress(text: string, option: string): ListenAddress {
  const found = /^(?:(?<host>\[[0-9a-f:.]+\]|[\w.-]*):)?(?<port>\d{1,5})$/i.exec(text)?.groups;
  const port = Number(found?.port);
  if (!found || port > 65_535) {
    throw new ScenarioError(
      `${option} ${text}: needs a port, such as :9464 (this host only) or 0.0.0.0:9464 (every interface)`,
    );
  }
  const host = found.host?.replace(/^\[|\]$/g, '') ?? '';
  return { host: host === '' ? loopback : host, port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
