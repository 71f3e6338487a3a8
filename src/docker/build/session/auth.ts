import type { RegistryCredentials } from '../../credentials.ts';
import { decodeMessage, encodeMessage } from '../grpc/protobuf.ts';
import { type Methods, once } from '../grpc/server.ts';

/** Gives the builder the user's credentials for a registry when it needs an image of there. */
export function giveCredentials(credentials: RegistryCredentials | undefined, signal: AbortSignal): Methods {
  return {
    '/moby.filesync.v1.Auth/Credentials': once(async (message) => {
      const found = await credentials?.forHost(decodeMessage(message).text(1), signal);
      // A token takes the place of a password that no user name goes with.
      return encodeMessage([
        [1, found?.username],
        [2, found?.identitytoken ?? found?.password],
      ]);
    }),
  };
}
