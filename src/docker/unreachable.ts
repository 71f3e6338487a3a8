import { failure, type Problem, type ProblemsError } from '../model/problem.ts';
import { addressOf } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import { SshFailure } from './ssh.ts';

/** No answer came within the time given, in seconds; `asked`: to one call, while others may be answered. */
export class EngineSilent extends Error {
  readonly seconds: number;
  readonly asked: string | undefined;

  constructor(seconds: number, asked?: string) {
    super(`no answer within ${seconds} s`);
    this.name = 'EngineSilent';
    this.seconds = seconds;
    this.asked = asked;
  }
}

/** The engine has done what it was asked for, `GET /info`, and what it said then is no JSON. */
export class EngineGarbled extends Error {
  readonly asked: string;

  constructor(asked: string, said: string) {
    super(said.length > longestQuote ? `${said.slice(0, longestQuote)}…` : said);
    this.name = 'EngineGarbled';
    this.asked = asked;
  }
}

/** In characters. */
const longestQuote = 200;

/** The engine speaks only versions of the API that are not spoken here any more. */
export class EngineTooOld extends Error {
  readonly needed: string;

  constructor(version: string, needed: string) {
    super(`the API of the engine has version ${version}`);
    this.name = 'EngineTooOld';
    this.needed = needed;
  }
}

type Told = Pick<Problem, 'message' | 'hint'> & { readonly code?: 'engine-gone' };

/** Why an engine was not reached, or was lost, in the user's words; `undefined` for an error that is about something else. */
export function explainConnection(error: Error, endpoint: Endpoint): ProblemsError | undefined {
  // That of an aborted signal is a number.
  const code = String((error as { readonly code?: unknown }).code ?? '');
  const where = `${endpoint.url} (${endpoint.from})`;
  const told =
    tellOwn(error, where) ?? tellSsh(error, endpoint, where) ?? tellCode(code, error, endpoint, where);
  if (told === undefined) return undefined;
  const cause = error instanceof SshFailure ? error.said : error.message;
  return failure({ code: 'engine-unreachable', ...told, ...(cause === '' ? {} : { cause }) });
}

function tellOwn(error: Error, where: string): Told | undefined {
  if (error instanceof EngineSilent)
    return {
      message: `the Docker Engine at ${where} does not answer${error.asked === undefined ? '' : ` ${error.asked}`}: nothing came for ${error.seconds} s`,
      hint: 'it hangs, or something else has its address; restart it, or name another engine',
    };
  if (error instanceof EngineGarbled)
    return {
      message: `the Docker Engine at ${where} answers ${error.asked} with what is no JSON`,
      hint: 'run the same command again; if it stays so, look at what is between here and the engine',
    };
  if (error instanceof EngineTooOld)
    return {
      message: `the Docker Engine at ${where} is too old: ${error.message}, and ${error.needed} is needed`,
      hint: 'update it to Docker 20.10 or newer',
    };
  return undefined;
}

/**
 * What ssh says, or the docker CLI on the other machine; the first that fits. It is told with the words that connect by
 * hand, and the host as ssh keeps its key.
 */
const sshExplanations: readonly {
  readonly when: RegExp;
  readonly tell: (ssh: string, host: string) => readonly [why: string, hint: string];
}[] = [
  {
    when: /HOST IDENTIFICATION HAS CHANGED/,
    tell: (_, host) => [
      'its host key is not the one that is known',
      `if the host was set up anew: ssh-keygen -R ${host}, then connect once by hand`,
    ],
  },
  {
    when: /Host key verification failed|host key is not|No .* host key is known/i,
    tell: (ssh) => ['its host key is not known', `connect once by hand, and compare the key: ${ssh}`],
  },
  {
    when: /Permission denied \(|Too many authentication failures/,
    tell: (ssh) => [
      'ssh does not let you in, and no password can be asked for here',
      `make this work without a password, by ssh-add or ssh-copy-id: ${ssh} true`,
    ],
  },
  {
    when: /Could not resolve hostname/,
    tell: () => ['no host has this name', 'correct the name, or add it to ~/.ssh/config'],
  },
  {
    when: /Connection refused|timed out|No route to host|Network is unreachable|Connection (?:closed|reset)/i,
    tell: (ssh) => ['no ssh server answers there', `look whether this works: ${ssh} true`],
  },
  {
    when: /permission denied while trying to connect|dial unix .*permission denied/i,
    tell: (_, host) => [
      'the user there may not use the engine',
      `on ${host}: sudo usermod -aG docker USER, then log in again`,
    ],
  },
  {
    when: /Cannot connect to the Docker daemon|dial unix .*(?:no such file|connection refused)/i,
    tell: (ssh) => ['no engine runs there', `start it: ${ssh} sudo systemctl start docker`],
  },
  {
    when: /not found|No such file/i,
    tell: (_, host) => [
      'there is no docker program there',
      `install the docker CLI on ${host}, where a shell without login finds it`,
    ],
  },
];

function tellSsh(error: Error, { url }: Endpoint, where: string): Told | undefined {
  if (!(error instanceof SshFailure)) return undefined;
  if (error.exitCode === undefined && !error.heard)
    return {
      message: `the Docker Engine at ${where} is reached by ssh, which cannot be started here`,
      hint: 'install the OpenSSH client',
    };
  if (error.heard) return gone(where);
  const { hostname, port, username } = new URL(url);
  const user = username === '' ? '' : `${decodeURIComponent(username)}@`;
  const ssh = `ssh ${port === '' ? '' : `-p ${port} `}${user}${hostname}`;
  const known = sshExplanations.find(({ when }) => when.test(error.said));
  const [why, hint] = known?.tell(ssh, port === '' ? hostname : `[${hostname}]:${port}`) ?? [
    `ssh ended with ${error.exitCode}`,
    `look whether this works: ${ssh} docker version`,
  ];
  return { message: `the Docker Engine at ${where} cannot be reached: ${why}`, hint };
}

/** What Node calls the reasons for which a certificate is not accepted. */
const tlsExplanations: readonly (readonly [code: RegExp, why: string, hint: string])[] = [
  [
    /^CERT_HAS_EXPIRED$/,
    'its certificate has expired',
    'make a new certificate for the engine, or set the clock of this machine right',
  ],
  [/^CERT_NOT_YET_VALID$/, 'its certificate is not valid yet', 'set the clocks of both machines right'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'its certificate is for another name',
    'name the engine as its certificate does, or give it a certificate for this address',
  ],
  [
    /^(?:UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_)/,
    'its certificate is signed by no one who is trusted',
    'use the ca.pem that the engine was given: in DOCKER_CERT_PATH, or in the Docker context',
  ],
  [
    /ALERT_(?:CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|HANDSHAKE_FAILURE|DECRYPT)/,
    'it does not accept your certificate',
    'use the cert.pem and key.pem that are signed by the authority of the engine: in DOCKER_CERT_PATH, or in the Docker context',
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNSUPPORTED_PROTOCOL|^EPROTO$/,
    'it does not speak TLS',
    'leave out DOCKER_TLS_VERIFY, or correct the port: 2376 is the usual one for TLS',
  ],
  [
    /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_)/,
    'the encrypted connection fails',
    'check the certificates: those in DOCKER_CERT_PATH, or those of the Docker context',
  ],
];

function tellCode(code: string, { message }: Error, endpoint: Endpoint, where: string): Told | undefined {
  const tls = tlsExplanations.find(([known]) => known.test(code));
  if (tls !== undefined)
    return {
      message: `the Docker Engine at ${where} cannot be reached over an encrypted connection: ${tls[1]}`,
      hint: tls[2],
    };
  if (code.startsWith('HPE_'))
    return {
      message: `no Docker Engine answers at ${where}: something else does, which does not speak HTTP`,
      hint: 'correct the address; an engine that wants TLS needs DOCKER_TLS_VERIFY=1',
    };
  const isSocket = addressOf(endpoint)?.socketPath !== undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return {
        message: `you may not use the Docker Engine at ${where}`,
        hint: 'add yourself to the group that owns the socket: sudo usermod -aG docker $USER, then log in again',
      };
    case 'ENOENT':
    case 'ENOTDIR':
      return {
        message: `no Docker Engine answers at ${where}: there is no such socket`,
        hint: `${howToStart(endpoint)}, or set DOCKER_HOST to the engine you mean: \`stack doctor\` shows which answer`,
      };
    case 'ECONNREFUSED':
      return {
        message: `no Docker Engine answers at ${where}: ${isSocket ? 'its socket is there, but it does not run' : 'nothing listens there'}`,
        hint: `${howToStart(endpoint)}, or set DOCKER_HOST to the engine you mean: \`stack doctor\` shows which answer`,
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        message: `no Docker Engine answers at ${where}: no host has this name`,
        hint: 'correct the name, or set DOCKER_HOST to the engine you mean',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'ENOTSOCK':
      return {
        message: `no Docker Engine answers at ${where}`,
        hint: 'start Docker, or set DOCKER_HOST to the engine you mean',
      };
  }
  return wasCut.has(code) || /socket hang up|aborted|premature/i.test(message) ? gone(where) : undefined;
}

const wasCut = new Set(['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE']);

function gone(where: string): Told {
  return {
    code: 'engine-gone',
    message: `the Docker Engine at ${where} went away in the middle of the work`,
    hint: 'once it is back, run the same command again: what was done is kept, what was not is done then',
  };
}

/** How the product that has its socket there is started. */
function howToStart({ url, from }: Endpoint): string {
  const profile = /\/(?:\.colima|colima)\/([^/]+)\/docker\.sock$/.exec(url)?.[1];
  if (profile !== undefined) return `start it: colima start ${profile}`;
  if (/OrbStack|\.orbstack\//.test(from + url)) return 'start it: orb start';
  if (/Desktop/.test(from) || /\/\.docker\/(?:run|desktop)\/|\/\.rd\//.test(url))
    return `start ${url.includes('/.rd/') ? 'Rancher' : 'Docker'} Desktop`;
  if (/podman/.test(url)) return 'start it: systemctl start podman.socket';
  if (/^unix:\/\/\/(?:var\/)?run\/docker\.sock$/.test(url))
    return 'start Docker (sudo systemctl start docker), or let stack doctor --fix install or start it';
  return 'start Docker';
}
