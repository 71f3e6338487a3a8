import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { problemsOf } from '../../src/model/problem.ts';
import type { ProjectFile } from '../../src/model/registry.ts';
import type { Login } from '../../src/registry/auth.ts';
import { openRegistry } from '../../src/registry/projects.ts';
import {
  digestOf,
  type RegistryOptions,
  startTestRegistry,
  type TestRegistry,
  user,
} from '../helpers/registry.ts';

const started: TestRegistry[] = [];
afterEach(async () => {
  for (const registry of started.splice(0)) await registry.stop();
});

async function registryThat(options: RegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startTestRegistry(options);
  started.push(registry);
  return registry;
}

function clientOf(login?: Login) {
  return openRegistry({
    login: async () => login,
    isInsecure: () => false,
    signal: new AbortController().signal,
  });
}

function file(kind: ProjectFile['kind'], name: string, text: string): ProjectFile {
  return { kind, name, content: Buffer.from(text) };
}

const compose = file('stack', 'compose.yaml', '# a comment\nservices:\n  web:\n    image: nginx\n');
const base = file('extended', 'ab.yaml', 'services: {base: {image: redis}}\n');
const variables = file('environment', 'cd.env', 'A=1\n');
const plain = { files: [compose], images: [] };

async function problemIn(work: Promise<unknown>) {
  const [problem] = problemsOf(
    await work.then(
      () => 'nothing failed',
      (error: unknown) => error,
    ),
  );
  return problem;
}

test('a manifest is byte for byte that of Docker Compose 2.40.3, but for its time', async () => {
  const { address, kept } = await registryThat();
  await clientOf().publish({
    reference: `${address}/team/shop:1`,
    files: [compose, base, variables],
    images: [],
  });
  const { type, content } = kept.get('team/shop/manifests/1') ?? { type: '', content: '' };
  expect(type).toBe('application/vnd.oci.image.manifest.v1+json');
  const layer = (mediaType: string, { content }: ProjectFile, annotations: string) =>
    `{"mediaType":"application/vnd.docker.compose.${mediaType}","digest":"${digestOf(content)}","size":${content.length},"annotations":{${annotations},"com.docker.compose.version":"2.40.3"},"data":"${Buffer.from(content).toString('base64')}"}`;
  const layers = [
    layer('file+yaml', compose, '"com.docker.compose.file":"compose.yaml"'),
    layer('file+yaml', base, '"com.docker.compose.extends":"true","com.docker.compose.file":"ab.yaml"'),
    layer('envfile', variables, '"com.docker.compose.envfile":"cd.env"'),
  ];
  const time = /"org\.opencontainers\.image\.created":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"/;
  expect(String(content).replace(time, '"created"')).toBe(
    `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.docker.compose.project","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"e30="},"layers":[${layers.join(',')}],"annotations":{"created"}}`,
  );
});

test('what was published is read again, and what is there already is not sent again', async () => {
  const { address, asked } = await registryThat();
  const files = [compose, base, variables];
  const reference = `${address}/team/shop:1`;
  await clientOf().publish({ reference, files, images: [] });
  const registry = clientOf();
  const digest = await registry.digestOf(reference);
  expect(await registry.filesOf(reference, digest)).toEqual(files);
  expect(await registry.digestOf(`nowhere.example/x@${digest}`)).toBe(digest);
  const uploads = () => asked.filter((line) => line.includes('/uploads/')).length;
  const before = uploads();
  await clientOf().publish({ reference: `${address}/team/shop:2`, files, images: [] });
  expect(uploads()).toBe(before);
});

test('an old registry gets the form of OCI 1.0, unless 1.1 is asked for', async () => {
  const { address, kept } = await registryThat({ isOld: true });
  const reference = `${address}/team/shop:1`;
  expect(await problemIn(clientOf().publish({ ...plain, reference, ociVersion: '1.1' }))).toMatchObject({
    code: 'registry-refused',
    cause: '400 Bad Request: MANIFEST_INVALID: no',
  });
  await clientOf().publish({ ...plain, reference });
  const { content } = kept.get('team/shop/manifests/1') ?? {};
  expect(JSON.parse(String(content))).toMatchObject({
    config: { mediaType: 'application/vnd.docker.compose.config.empty.v1+json' },
  });
  const digest = await clientOf().digestOf(reference);
  expect(await clientOf().filesOf(reference, digest)).toEqual([compose]);
});

describe('logins', () => {
  test.each([
    ['password', user],
    ['token', user],
    ['token', { identitytoken: 'mine' }],
  ] as const)('a registry that wants a %s gets it', async (wants, login) => {
    const { address } = await registryThat({ wants });
    const reference = `${address}/team/shop:1`;
    const registry = clientOf(login);
    await registry.publish({ ...plain, reference });
    expect(await registry.filesOf(reference, await registry.digestOf(reference))).toEqual([compose]);
  });

  test('a service for tokens is told what for, and who asks', async () => {
    const { address, tokensAsked } = await registryThat({ wants: 'token' });
    await clientOf(user).publish({ ...plain, reference: `${address}/team/shop:1` });
    expect(tokensAsked).toEqual(['?service=here&scope=repository%3Ateam%2Fshop%3Apull%2Cpush&account=me']);
    const other = await registryThat({ wants: 'token' });
    await clientOf({ identitytoken: 'mine' }).publish({ ...plain, reference: `${other.address}/a:1` });
    expect(other.tokensAsked).toEqual([
      'grant_type=refresh_token&refresh_token=mine&client_id=stack&scope=repository%3Aa%3Apull%2Cpush&service=here',
    ]);
  });

  test.each(['password', 'token'] as const)(
    'without one a registry that wants a %s refuses',
    async (wants) => {
      const { address } = await registryThat({ wants });
      for (const login of [undefined, { ...user, password: 'wrong' }]) {
        const problem = await problemIn(
          clientOf(login).publish({ ...plain, reference: `${address}/team/shop:1` }),
        );
        expect(problem).toMatchObject({
          code: 'registry-refused',
          message: `${address} refuses to take ${address}/team/shop:1`,
          hint: `check the name; if it needs a login: docker login ${address}`,
        });
        expect(JSON.stringify(problem)).not.toContain('wrong');
      }
    },
  );
});

describe('what cannot be read', () => {
  test('a name that is not there, and a registry that is not there', async () => {
    const { address, stop } = await registryThat();
    expect(await problemIn(clientOf().digestOf(`${address}/none`))).toMatchObject({
      code: 'image-not-found',
      message: `there is no ${address}/none:latest`,
    });
    started.splice(0);
    await stop();
    expect(await problemIn(clientOf().digestOf(`${address}/none`))).toMatchObject({
      code: 'registry-unreachable',
      message: `the registry ${address} cannot be reached`,
    });
  });

  test.each(['UPPER/Case', '/', 'a b', 'x@sha256:1', 'a@b@c'])('%s is no reference', async (reference) => {
    expect(await problemIn(clientOf().digestOf(reference))).toMatchObject({ code: 'invalid-value' });
  });

  test('an image is no project', async () => {
    const { address, kept } = await registryThat();
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const content = Buffer.from(
      JSON.stringify({ mediaType: type, config: { mediaType: 'an image' }, layers: [] }),
    );
    kept.set(`app/manifests/${digestOf(content)}`, { type, content });
    expect(await problemIn(clientOf().filesOf(`${address}/app:1`, digestOf(content)))).toMatchObject({
      code: 'remote-failed',
      cause: 'it is an image',
    });
  });

  test('damaged files are refused', async () => {
    const { address, kept } = await registryThat();
    const reference = `${address}/team/shop:1`;
    await clientOf().publish({ ...plain, reference });
    const digest = await clientOf().digestOf(reference);
    const place = `team/shop/blobs/${digestOf(compose.content)}`;
    kept.set(place, { type: '', content: Buffer.from(compose.content).fill('x') });
    expect(await problemIn(clientOf().filesOf(reference, digest))).toMatchObject({
      code: 'registry-refused',
    });
    kept.set(place, { type: '', content: Buffer.concat([compose.content, Buffer.from('more')]) });
    expect(await problemIn(clientOf().filesOf(reference, digest))).toMatchObject({
      cause: `it gave more than ${compose.content.length} bytes`,
    });
  });
});

describe('images beside a project', () => {
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const indexType = 'application/vnd.oci.image.index.v1+json';

  /** An image for one platform, below an index. */
  function keepImage({ kept }: TestRegistry): {
    readonly layer: string;
    readonly image: string;
    readonly index: string;
  } {
    const keep = (place: string, mediaType: string, content: Buffer): string => {
      kept.set(`img/app/${place}/${digestOf(content)}`, { type: mediaType, content });
      return digestOf(content);
    };
    const layer = keep('blobs', '', Buffer.from('a layer'));
    const config = keep('blobs', '', Buffer.from('{"os":"linux"}'));
    const parts = { config: { digest: config, size: 14 }, layers: [{ digest: layer, size: 7 }] };
    const image = keep('manifests', type, Buffer.from(JSON.stringify({ mediaType: type, ...parts })));
    const content = Buffer.from(
      JSON.stringify({ mediaType: indexType, manifests: [{ digest: image, size: 1 }] }),
    );
    kept.set('img/app/manifests/1', { type: indexType, content });
    return { layer, image, index: keep('manifests', indexType, content) };
  }

  test('are taken over within a registry, and copied from another one', async () => {
    const [here, there] = [await registryThat(), await registryThat()];
    for (const from of [here, there]) {
      const { layer, image, index } = keepImage(from);
      here.kept.delete(`team/shop/blobs/${layer}`);
      const reference = `${here.address}/team/shop:1`;
      await clientOf().publish({ reference, files: [compose], images: [`${from.address}/img/app:1`] });
      expect(here.kept.get(`team/shop/blobs/${layer}`)?.content.toString()).toBe('a layer');
      expect(here.kept.has(`team/shop/manifests/${image}`)).toBe(true);
      const named = [...here.kept.values()].map(({ content }) => content.toString());
      const list = named.find((text) => text.includes('"subject"')) ?? '';
      expect(JSON.parse(list)).toMatchObject({
        mediaType: indexType,
        manifests: [
          {
            mediaType: indexType,
            digest: index,
            annotations: { 'containerd.io/distribution.source.127.0.0.1': 'img/app' },
          },
        ],
        subject: {
          artifactType: 'application/vnd.docker.compose.project',
          digest: await clientOf().digestOf(reference),
        },
      });
      for (const [place, { content }] of here.kept) if (content.toString() === list) here.kept.delete(place);
    }
    expect(here.asked).toContain('POST /v2/team/shop/blobs/uploads/?mount');
    expect(there.asked.some((line) => line.startsWith('GET /v2/img/app/blobs/'))).toBe(true);
  });
});

test.each([
  ['https://registry.example/upload', true],
  ['https://registry.example:443/upload', true],
  ['http://registry.example/upload', false],
  ['https://elsewhere.example/upload', false],
])('an upload to %s is shown the login: %s', async (place, isShown) => {
  const shown = new Map<string, boolean>();
  vi.stubGlobal('fetch', async (url: string, { method = 'GET', headers }: RequestInit) => {
    const { authorization } = Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { origin, pathname } = new URL(url);
    if (pathname === '/upload') shown.set(`${origin}${pathname}`, authorization !== undefined);
    else if (authorization === undefined)
      return new Response('', { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="here"' } });
    if (method === 'HEAD') return new Response(null, { status: 404 });
    const answer = new Response('', { status: method === 'POST' ? 202 : 201, headers: { Location: place } });
    return Object.defineProperty(answer, 'url', { value: url });
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  await clientOf(user).publish({ reference: 'registry.example/team/shop:1', ...plain });
  expect([...shown.values()]).toEqual([isShown]);
});
