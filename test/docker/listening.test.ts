import { expect, test } from 'vitest';
import { awaitListening } from '../../src/docker/listening.ts';
import { createFakeEngine, type FakeEngine } from '../helpers/fake-engine.ts';

const { signal } = new AbortController();

/** As the kernel tells that something listens on port 8080. */
const listening = '  sl  local_address rem_address st\n   0: 00000000:1F90 00000000:0000 0A\n';

/** What commands inside print, by the container that they run in. */
function withCommands(engine: FakeEngine, run: (container: string) => string): FakeEngine['http'] {
  const answer = (content: string | Buffer) => ({
    status: 200,
    headers: {},
    body: (async function* () {
      yield Buffer.from(content);
    })() as unknown as NodeJS.ReadableStream,
  });
  return {
    async request(request) {
      const [, asked] = /^\/containers\/(.+)\/exec$/.exec(request.path) ?? [];
      if (asked !== undefined) return answer(JSON.stringify({ Id: asked }));
      const [, id = '', what] = /^\/exec\/(.+)\/(start|json)$/.exec(request.path) ?? [];
      if (what === 'json') return answer('{"ExitCode":0}');
      if (what === undefined) return engine.http.request(request);
      const text = Buffer.from(run(id));
      const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]);
      return answer(Buffer.concat([head, text]));
    },
  };
}

function both(): FakeEngine {
  const engine = createFakeEngine();
  for (const id of ['old', 'new']) {
    engine.add(id);
    engine.start(id);
  }
  return engine;
}

const successor = { service: 'web', number: 1, name: 'p-new-1' };
const context = { signal, progress: () => {} };

test('one that ends while it is looked into does not take over', async () => {
  const engine = both();
  const http = withCommands(engine, (container) => {
    if (container === 'p-old-1') return listening;
    engine.end('new', { exitCode: 3 });
    return '';
  });
  await expect(awaitListening(http, successor, 'p-old-1', context)).rejects.toMatchObject({
    problems: [{ code: 'service-exited', message: 'web ended with exit code 3' }],
  });
});

test('one that listens where the other one does takes over', async () => {
  const engine = both();
  await awaitListening(
    withCommands(engine, () => listening),
    successor,
    'p-old-1',
    context,
  );
});
