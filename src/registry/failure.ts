import { failure, type ProblemsError } from '../model/problem.ts';
import { areProxiesIgnored } from './proxies.ts';

/** Makes an error of what a registry said or did, and of the HTTP status if it gave one. */
export type Fail = (cause: string, status?: number) => ProblemsError;

/** Errors about something that a registry keeps; `doing` is what it was to do: `give out`. */
export function failing(host: string, name: string, doing: string): Fail {
  return (cause, status) => {
    if (status === 401 || status === 403) {
      return failure({
        code: 'registry-refused',
        message: `${host} refuses to ${doing} ${name}`,
        hint: `check the name; if it needs a login: docker login ${host}`,
        cause,
      });
    }
    if (status === 404) {
      return failure({
        code: 'image-not-found',
        message: `there is no ${name}`,
        hint: 'check its name and its tag',
        cause,
      });
    }
    return failure({
      code: status === undefined ? 'registry-unreachable' : 'registry-refused',
      message:
        status === undefined
          ? `the registry ${host} cannot be reached`
          : `${host} failed to ${doing} ${name}`,
      hint: status === undefined ? howToReach() : 'what it said is below',
      cause,
    });
  };
}

function howToReach(): string {
  return areProxiesIgnored()
    ? 'use Node.js 24.14 or newer: older ones do not go through the proxy that the environment names'
    : 'check its name and the network';
}

/** Why a connection failed: what `fetch` throws says only that it did. */
export function causeOf(error: unknown): { readonly code: string; readonly text: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = isRecord(cause) && typeof cause.code === 'string' ? cause.code : '';
  const text = cause instanceof Error ? cause.message : String(cause);
  return { code, text: text === '' ? code : text };
}

/** What a registry says of an error, with its codes. */
export async function saidBy(response: Response): Promise<string> {
  const status = `${response.status} ${response.statusText}`.trim();
  const text = await response.text().catch(() => '');
  try {
    const { errors } = JSON.parse(text) as {
      readonly errors?: readonly { readonly code?: string; readonly message?: string }[];
    };
    const said = (errors ?? []).map(({ code = '', message = '' }) =>
      [code, message].filter(Boolean).join(': '),
    );
    return said.length === 0 ? status : `${status}: ${said.join('; ')}`;
  } catch {
    return status;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
