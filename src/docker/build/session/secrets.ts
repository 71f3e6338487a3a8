import { readFile } from 'node:fs/promises';
import type { BuildSecret } from '../../../model/plan.ts';
import { failure } from '../../../model/problem.ts';
import { GrpcFailure, grpcCode } from '../grpc/grpc.ts';
import { decodeMessage, encodeMessage } from '../grpc/protobuf.ts';
import { type Methods, once } from '../grpc/server.ts';

/**
 * Gives the builder the secrets that a step mounts, by their ids. `texts` has what those say that are no files, by their
 * path in the stack; one whose variable is not set is as good as none, which not every step minds. Fails with
 * `missing-file`.
 */
export function giveSecrets(secrets: readonly BuildSecret[], texts: ReadonlyMap<string, string>): Methods {
  return {
    '/moby.buildkit.secrets.v1.Secrets/GetSecret': once(async (message) => {
      const id = decodeMessage(message).text(1);
      const secret = secrets.find((one) => one.id === id);
      const value =
        secret?.file === undefined ? texts.get(secret?.from ?? '') : await readSecret(secret.file);
      if (value === undefined) throw new GrpcFailure(grpcCode.notFound, `secret ${id}: not found`);
      return encodeMessage([[1, value]]);
    }),
  };
}

async function readSecret(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw failure({
      code: code === 'ENOENT' ? 'missing-file' : 'unreadable-file',
      message: `the secret in ${file} cannot be read`,
      hint: 'create the file, or correct `file` of the secret',
      cause: message,
    });
  }
}
