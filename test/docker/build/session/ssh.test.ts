import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { IncomingCall } from '../../../../src/docker/build/grpc/server.ts';
import { findSshSources, forwardSsh } from '../../../../src/docker/build/session/ssh.ts';

test('a step whose agent hangs up hears of it, though it has not said that it has no more to ask', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  const socket = path.join(folder, 'agent.sock');
  const agent = createServer((user) => user.end('bye')).listen(socket);
  await once(agent, 'listening');
  onTestFinished(() => {
    agent.close();
    rmSync(folder, { recursive: true });
  });
  const sent: string[] = [];
  const call: IncomingCall = {
    metadata: () => ['default'],
    messages: (async function* () {
      await new Promise(() => {});
      yield Buffer.alloc(0);
    })(),
    send: async (message) => void sent.push(String(message)),
  };
  const forward = forwardSsh(await findSshSources('web', { default: socket }));
  await forward['/moby.sshforward.v1.SSH/ForwardAgent']?.(call);
  expect(sent.join('')).toContain('bye');
});
