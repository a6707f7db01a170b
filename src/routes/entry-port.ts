import type { ServicePorts } from '../machine/layout.ts';
import { haproxyConfig } from './haproxy-config.ts';
import { pgbouncerPort, type Proxy } from './proxies.ts';

/** Where the clients of a proxy connect to. Errors: ScenarioError for a user's file without such a port. */
export function entryPort(proxy: Proxy): number {
  if (proxy.kind === 'pgbouncer') return pgbouncerPort;
  return haproxyConfig([], { adminSocket: '', own: proxy.config }).port;
}

/** For packet rules: a proxy offers PostgreSQL to its clients, and nothing else. Errors: as `entryPort`. */
export function servicePortsOf(proxy: Proxy): ServicePorts {
  return { postgres: [entryPort(proxy)], patroni: [], dcs: [] };
}
