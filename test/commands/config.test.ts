import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { config } from '../../src/commands/config.ts';
import {
  type ConfigList,
  configHashes,
  configList,
  configVariables,
} from '../../src/commands/config-lists.ts';
import { folder, problemsIn, request, shortly } from '../load/folder.ts';

const data = path.resolve('test/commands/data/config');

interface Answer {
  readonly words: readonly string[];
  readonly output: string;
}

const answers = readFileSync(path.join(data, 'answers.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line): Answer => JSON.parse(line));

const lists: readonly ConfigList[] = ['services', 'volumes', 'networks', 'models', 'profiles', 'images'];

test.each(answers)('config $words prints what Docker Compose 2.40.3 prints', async ({ words, output }) => {
  const has = (flag: string) => words.includes(flag);
  const format = has('json') ? 'json' : 'yaml';
  const load = request(path.join(data, 'p'), {
    files: ['stack.yaml'],
    profiles: ['cs'],
    services: words.filter((word) => word === 'db' || word === 'solo'),
    environment: { HOME: '/home/tester', NEED: 'n' },
    ...(has('--no-normalize') && { normalize: false }),
    ...(has('--no-path-resolution') && { resolvePaths: false }),
    ...(has('--no-consistency') && { consistency: false }),
  });
  const list = lists.find((one) => has(`--${one}`));
  const printed = output.replaceAll('<folder>', data).trimEnd();
  if (list !== undefined) {
    // Docker Compose has no order here.
    expect((await configList(list, load)).lines.toSorted()).toEqual(
      printed.split('\n').filter(Boolean).toSorted(),
    );
  } else if (has('--variables')) {
    const { text } = await configVariables(has('--format') ? format : 'table', load);
    expect(sortedLines(text)).toEqual(sortedLines(printed));
  } else if (has('--hash')) {
    const { lines } = await configHashes(words[1] ?? '', load);
    expect(lines.filter((line) => !/^(db|odd|web) /.test(line))).toEqual(
      printed.split('\n').filter((line) => !/^(db|odd|web) /.test(line)),
    );
    expect(lines).toHaveLength(printed.split('\n').length);
  } else {
    const { text } = await config({ load, format, asWritten: has('--no-interpolate') });
    expect(text.trimEnd()).toBe(printed);
  }
});

/** What has no order in Docker Compose; blanks at the end of the last line are cut. */
function sortedLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .toSorted();
}

test('what config prints loads again and means the same', async () => {
  const directory = folder({
    'stack.yaml':
      'name: shop\nx-note: {by: me}\nservices:\n  web:\n    image: nginx\n    environment: [A=1, B=y, C=$$TAG]\n    ports: ["80:80"]\n',
  });
  const printed = await config({ load: request(directory), format: 'yaml' });
  expect(printed.text).toContain('C: $$TAG');
  expect(printed.text).toContain('by: me');
  writeFileSync(path.join(directory, 'printed.yaml'), printed.text);
  const again = await config({ load: request(directory, { files: ['printed.yaml'] }), format: 'yaml' });
  expect(again.text).toBe(printed.text);
});

test('credentials are masked and counted, also those that came from variables', async () => {
  const directory = folder({
    'stack.yaml':
      'services:\n  web:\n    image: nginx\n    environment: {DB_PASSWORD: s3cr3t, A: a}\n    command: [run, "${API_TOKEN}"]\n',
  });
  const load = request(directory, { environment: { API_TOKEN: 't0ken-1' } });
  const shown = await config({ load, format: 'yaml', masked: true });
  expect(shown.masked).toBe(2);
  expect(shown.text).not.toMatch(/s3cr3t|t0ken-1/);
  expect((await config({ load, format: 'yaml' })).text).toMatch(/t0ken-1[\s\S]*s3cr3t/);
});

test('defaults of variables that are credentials are masked', async () => {
  const directory = folder({
    'stack.yaml': 'services:\n  web: {image: "${TAG:-1}", command: "${DB_PASSWORD:-hunter2} ${API_KEY:?}"}\n',
  });
  const shown = await configVariables('json', request(directory), true);
  expect(shown.masked).toBe(1);
  expect(JSON.parse(shown.text)).toMatchObject({
    DB_PASSWORD: { DefaultValue: '********' },
    API_KEY: { DefaultValue: '' },
    TAG: { DefaultValue: '1' },
  });
  const { text, masked } = await configVariables('table', request(directory));
  expect([text.includes('hunter2'), masked]).toEqual([true, 0]);
});

test('with variables as they are written all services are listed, and images are not replaced', async () => {
  const directory = folder({
    'stack.yaml':
      'name: n\nservices:\n  a: {image: "x:${TAG}"}\n  b: {build: .}\n  off: {image: y, profiles: [p]}\n',
  });
  const load = request(directory);
  expect(await configList('services', load, { asWritten: true })).toEqual({
    lines: ['a', 'b', 'off'],
    warnings: [],
  });
  expect(await configList('images', load, { asWritten: true })).toEqual({
    lines: ['x:${TAG}', 'n-b'],
    warnings: [],
  });
  expect((await configList('images', { ...load, compatibility: true })).lines).toEqual(['x:', 'n_b']);
});

test('dependencies are listed before what needs them, whatever circles there are', async () => {
  const directory = folder({
    'stack.yaml':
      'services:\n  a: {image: x, depends_on: [z]}\n  m: {image: x, depends_on: [a, b]}\n  z: {image: x}\n  b: {image: x}\n',
  });
  expect((await configList('services', request(directory))).lines).toEqual(['z', 'a', 'b', 'm']);
});

test('of env files only the names count for hashes, as with Docker Compose 2.40.3, and they need not be there', async () => {
  const directory = folder({
    'stack.yaml':
      'services:\n  a: {image: x, env_file: /e.env, environment: [A=1]}\n  b: {image: x, env_file: [{path: /e.env, required: false}]}\n',
  });
  expect((await configHashes('*', request(directory))).lines).toEqual([
    'a 8e58bb57cfcbd3c62786ace072c095af1b3e62cb1b8782b16600371507734bf5',
    'b 3228f5ee3c2ea7ce6340fd826076690bc982ae18ad443b12dd335773b17b4ea5',
  ]);
});

test('a hash of a service that is unknown or switched off is told', async () => {
  const directory = folder({
    'stack.yaml': 'services:\n  web: {image: x}\n  cache: {image: x, profiles: [p]}\n',
  });
  const load = request(directory);
  expect(shortly(await problemsIn(configHashes('webb', load) as never))).toEqual(['- unknown-service']);
  const [off] = await problemsIn(configHashes('cache', load) as never);
  expect(off?.message).toBe('the service `cache` is switched off by its profiles');
});

test('images are named by digests, each asked for once, and a file can pin them', async () => {
  const directory = folder({
    'stack.yaml':
      'services:\n  a: {image: nginx}\n  b: {image: nginx}\n  c: {build: .}\n  d: {image: "r.io:5000/x:1@sha256:00000000000000000000000000000000"}\n',
  });
  const asked: string[] = [];
  const resolveDigest = async (image: string) => {
    asked.push(image);
    return 'sha256:1';
  };
  const { text } = await config({
    load: request(directory),
    format: 'yaml',
    resolveDigest,
    onlyImages: true,
  });
  expect(asked).toEqual(['docker.io/library/nginx:latest']);
  expect(text).toBe(
    [
      'services:',
      '  a:',
      '    image: docker.io/library/nginx:latest@sha256:1',
      '  b:',
      '    image: docker.io/library/nginx:latest@sha256:1',
      '  c: {}',
      '  d:',
      '    image: r.io:5000/x@sha256:00000000000000000000000000000000',
      '',
    ].join('\n'),
  );
});
