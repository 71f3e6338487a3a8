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

/**
 * The material that `DOCKER_TLS_VERIFY` asks for, from a folder laid out as the docker CLI wants it. As with the CLI
 * `ca.pem` has to be there: to verify by what the machine trusts would be something else than was asked for.
 *
 * @throws ProblemsError if a file is missing or cannot be read.
 */
export async function tlsOfFolder(folder: string): Promise<TlsMaterial> {
  const said = 'DOCKER_TLS_VERIFY is set';
  const files = await readFiles(folder, said);
  if (files.ca === undefined) throw unusable(said, `${join(folder, 'ca.pem')} does not exist`);
  return { ...files, rejectUnauthorized: true };
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

async function readFiles(folder: string, said: string): Promise<Pick<TlsMaterial, 'ca' | 'cert' | 'key'>> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readOptional(join(folder, name), said)),
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
    hint: said.startsWith('DOCKER_TLS_VERIFY')
      ? 'set DOCKER_CERT_PATH to the folder that has ca.pem, cert.pem and key.pem'
      : 'create the context again with: docker context create',
    ...(cause === undefined ? {} : { cause }),
  });
}
