import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, type ProblemsError } from '../model/problem.ts';

/** What encrypts the connection to an engine, under the names Node's TLS has for it. */
export interface TlsMaterial {
  /** Who may vouch for the engine; absent: whom the machine trusts. */
  readonly ca?: Buffer;
  /** By which the engine knows the user; both or none. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** False if the engine is believed whatever it shows. */
  readonly rejectUnauthorized: boolean;
}

/** By whom encryption is asked for, whether the engine has to prove itself, and files that are named one by one. */
export interface TlsWish {
  readonly said: string;
  readonly verify: boolean;
  readonly named: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/**
 * The material that `--tlsverify`, `--tls` and the variables for them ask for, from a folder laid out as the docker CLI
 * wants it. As with the CLI, `ca.pem` has to be there if the engine is verified: to do so by what the machine trusts would
 * be something else than was asked for. Files that are named have to be there in any case.
 *
 * @throws ProblemsError if a file is missing or cannot be read.
 */
export async function tlsOfFolder(folder: string, { said, verify, named }: TlsWish): Promise<TlsMaterial> {
  const asked = said.startsWith('--') ? `${said} is said` : `${said} is set`;
  const { ca, ...own } = await readFiles(folder, asked, named);
  if (!verify) return { ...own, rejectUnauthorized: false };
  if (ca === undefined) throw unusable(asked, `${join(folder, 'ca.pem')} does not exist`);
  return { ...own, ca, rejectUnauthorized: true };
}

/**
 * The material of a Docker context; `undefined` if it has none and so is not encrypted.
 *
 * @throws ProblemsError if a file cannot be read.
 */
export async function tlsOfContext(
  name: string,
  folder: string,
  skipVerify: boolean,
): Promise<TlsMaterial | undefined> {
  const files = await readFiles(folder, `the Docker context ${name} is encrypted`);
  if (Object.keys(files).length === 0 && !skipVerify) return undefined;
  return { ...files, rejectUnauthorized: !skipVerify };
}

async function readFiles(
  folder: string,
  said: string,
  named: TlsWish['named'] = {},
): Promise<Pick<TlsMaterial, 'ca' | 'cert' | 'key'>> {
  const [ca, cert, key] = await Promise.all(
    (['ca', 'cert', 'key'] as const).map(async (what) => {
      const file = named[what];
      const content = await readOptional(file ?? join(folder, `${what}.pem`), said);
      if (content === undefined && file !== undefined) throw unusable(said, `${file} does not exist`);
      return content;
    }),
  );
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ['key.pem', 'cert.pem'] : ['cert.pem', 'key.pem'];
    throw unusable(said, `${folder} has ${there} but no ${missing}`);
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

async function readOptional(file: string, said: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unusable(said, `${file} cannot be read`, message);
  }
}

function unusable(said: string, why: string, cause?: string): ProblemsError {
  return failure({
    code: 'invalid-option',
    message: `${said}, but ${why}`,
    hint: said.startsWith('the Docker context')
      ? 'create the context again with: docker context create'
      : 'set DOCKER_CERT_PATH to the folder that has ca.pem, cert.pem and key.pem',
    ...(cause === undefined ? {} : { cause }),
  });
}
