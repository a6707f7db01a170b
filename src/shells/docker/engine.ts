import Dockerode from 'dockerode';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { buildCommand } from './advice.ts';
import { useContext } from './context.ts';

export type Engine = Dockerode;
export type Container = Dockerode.Container;

/** The engine of DOCKER_HOST or the docker context, else of the usual socket. Sends nothing yet. Errors: EnvironmentError. */
export function openEngine(): Engine {
  useContext();
  return new Dockerode();
}

/** HTTP status of the engine's answer, if it answered. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** An error of the engine, or of the connection to it, with advice. */
export function engineError(what: string, error: unknown): EnvironmentError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new EnvironmentError(
    `${what}: ${messageOf(error).trim()}${adviceFor(code, messageOf(error))}`,
    {
      cause: error,
    },
  );
}

function adviceFor(code: string, message: string): string {
  if (code === 'EACCES') {
    return '. Join the group of the socket (`sudo usermod -aG docker $USER`, then log in again) or run as root.';
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return '. Start the engine (`sudo systemctl start docker`, or Docker Desktop), or name one with DOCKER_HOST.';
  }
  if (/no such image/i.test(message)) return `. Build it: ${buildCommand}`;
  if (/port is already allocated|address already in use/i.test(message)) {
    return '. Another program has this port; end it or try again.';
  }
  if (/no space left/i.test(message)) {
    return '. The disk of the engine is full: `docker system df` shows what fills it.';
  }
  return '';
}

/** Runs one request to the engine. Errors: EnvironmentError. */
export async function ask<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw engineError(what, error);
  }
}

/** For removals: an object that is gone, or is being removed, is a success. */
export async function askUnlessGone(what: string, request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return;
    if (status === 409 && /already in progress/i.test(messageOf(error))) return;
    throw engineError(what, error);
  }
}
