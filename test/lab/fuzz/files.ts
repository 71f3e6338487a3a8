import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createIgnore, parseDockerignore } from '../../../src/docker/build/dockerignore.ts';
import {
  baseImagesOf,
  copiedFromContext,
  imagesOf,
  namedBeforeRun,
  readDockerfile,
  stagesFor,
} from '../../../src/docker/build/inputs/dockerfile.ts';
import { lineOfStep } from '../../../src/docker/build/instructions.ts';
import { compilePattern } from '../../../src/docker/build/pattern.ts';
import { nanoseconds } from '../../../src/docker/duration.ts';
import { type Loaded, loadStack } from '../../../src/load/load.ts';
import { toPlain } from '../../../src/load/normal/plain.ts';
import { printDuration, readDuration } from '../../../src/load/tables/duration.ts';
import { readSize } from '../../../src/load/tables/size.ts';
import { parseDotenv, printDotenvLine, readRawEnv } from '../../../src/load/variables/dotenv.ts';
import { expandTemplate, templateVariables } from '../../../src/load/variables/template.ts';
import { parseYaml } from '../../../src/load/yaml/parse.ts';
import { printYaml } from '../../../src/load/yaml/print.ts';
import { readImageName } from '../../../src/model/image-name.ts';
import { maskLine, maskValue } from '../../../src/model/masking.ts';
import { type Problem, ProblemsError, problemsOf } from '../../../src/model/problem.ts';
import { canonicalStack } from '../../../src/plan/canonical.ts';
import { type Law, law, outcomeOf, textsOf } from './law.ts';

const yamlSigns = textsOf(
  ...['a', 'b: ', ': ', '- ', '? ', '\n', '  ', '\t', '"', "'", '[', ']', '{', '}', ',', '#', '&x ', '*x'],
  ...[
    '<<: ',
    '|\n',
    '>-\n',
    '!reset ',
    '!!binary ',
    '---\n',
    '...\n',
    '%YAML 1.2\n',
    '~',
    '\r',
    '\\u0000',
    '\uFEFF',
  ],
);

const stackText = `name: demo
x-common: &common
  restart: unless-stopped
  environment: {A: "1", B: "\${B:-2}"}
services:
  web:
    <<: *common
    build: {context: ., args: [X=1], target: dev}
    ports: ["8080:80", {target: 81, published: 8181}]
    volumes: ["./a:/a:ro", "data:/data", {type: tmpfs, target: /t, tmpfs: {size: 1m}}]
    depends_on: {db: {condition: service_healthy}}
    networks: {front: {aliases: [w]}, default: }
    healthcheck: {test: [CMD, "true"], interval: 1m, retries: 3}
  db:
    image: postgres
    command: postgres -c "a=b"
    env_file: [{path: no.env, required: false}]
    extra_hosts: {a: 1.1.1.1}
    logging: {driver: json-file, options: {max-size: 1m}}
    profiles: [x]
networks: {front: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}
volumes: {data: {driver_opts: {a: 1}}}
`;

const stackWords = fc.constantFrom(
  ...['null', '[]', '{}', '"x"', '5', '1.5', 'true', '~', '!reset []', '!override {}', '*common', '&common'],
  ...['<<: *common', '$', '${', '\n', '  ', '- ', ': ', '"', "'", '[', '{', '}', ']', ',', '#', 'services:'],
  ...['x-a:', '__proto__:', 'constructor: ', 'toString: {}', '\t', '---\n', '0x', '1e999', '::', '/', '..'],
);

const damagedStack = fc
  .array(fc.tuple(fc.nat(stackText.length), fc.nat(12), stackWords), { minLength: 1, maxLength: 6 })
  .map((changes) =>
    changes.reduce(
      (text, [at, length, word]) => text.slice(0, at) + word + text.slice(at + length),
      stackText,
    ),
  );

const scalar = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'y',
    'no',
    '0777',
    '22:22',
    '1_000',
    '~',
    '',
    'null',
    '<<',
    '=',
    'a: b',
    '- a',
    '# x',
    '1e3',
    '.5',
  ),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const tree = fc.letrec((tie) => ({
  any: fc.oneof(
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('any'), { maxKeys: 3 }),
  ),
})).any;

/** Short forms, each of which is a text with a grammar of its own, by the attribute that takes a list of them. */
const shortForms = {
  ports: textsOf(
    ...['80', '8080', ':', '-', '/tcp', '/udp', '127.0.0.1', '[::1]', '0', '65536', '1e3', ' ', '/', '$$'],
  ),
  volumes: textsOf(
    ...['a', '/', ':', './', '../', '~', 'C:\\', 'ro', 'rw', ',', 'z', 'nocopy', 'cached', ' ', '.', '//'],
  ),
  devices: textsOf(...['/dev/x', ':', 'r', 'w', 'm', '/', 'nvidia.com/gpu=all', '=', ' ']),
  extra_hosts: textsOf(...['a', 'host', ':', '=', '1.1.1.1', '[::1]', '::1', 'host-gateway', ' ', ',']),
  environment: textsOf(...['A', '=', '"', "'", ' ', '$$', '\n', 'B']),
  tmpfs: textsOf(...['/', 'a', ':', 'size=', '1m', ',', 'mode=', '0777', '=']),
  depends_on: textsOf(...['b', 'c', ' ', '-', '.', '__proto__', 'constructor']),
} as const;

const durationText = textsOf(
  ...['1', '0', '9', '.', '-', '+', 'h', 'm', 's', 'ms', 'us', 'µs', 'ns', 'd', 'w', 'e', ' '],
);
const sizeText = textsOf(
  ...['1', '0', '9', '.', '-', '+', '_', 'k', 'M', 'g', 'T', 'P', 'b', 'iB', 'e', 'e9', ' '],
);

/** What takes one text that is a duration, a size, a number or a name. */
const singleForms = {
  stop_grace_period: durationText,
  shm_size: sizeText,
  mem_limit: sizeText,
  cpus: sizeText,
  image: textsOf(...['a', 'A', '/', ':', '@', 'sha256:', '0'.repeat(64), '.', '-', '_', 'localhost', ' ']),
  command: textsOf(...['a', ' ', '"', "'", '\\', '\n', '$$', '|', '#']),
  platform: textsOf(...['linux', '/', 'amd64', 'arm', 'v7', ' ', '(', ')']),
  user: textsOf(...['0', ':', 'a', ' ', '-']),
  network_mode: textsOf(...['service:', 'container:', 'a', 'host', 'none', ' ']),
} as const;

const port = fc.integer({ min: 1, max: 65_000 });
const range = (most: number) => port.map((from) => `${from}-${from + most}`);
const published = (numbers: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.constantFrom('', '127.0.0.1:', '0.0.0.0:', '[::1]:'),
      numbers,
      fc.constantFrom('', '/tcp', '/udp', '/sctp'),
    )
    .map(([address, both, protocol]) => `${address}${both}${protocol}`);
const rightPort = fc.oneof(
  published(fc.tuple(port, port).map((both) => both.join(':'))),
  published(fc.tuple(range(3), range(3)).map((both) => both.join(':'))),
  fc.oneof(port.map(String), range(2)),
);

const rightMount = fc
  .tuple(
    fc.constantFrom('', './a:', '../a:', '/a:', '~/a:', './a b:', './ä:'),
    fc.stringMatching(/^\/[a-z0-9._ -]*[a-z0-9](?:\/[a-z0-9]+){0,2}$/),
    fc.constantFrom('', ':ro', ':rw', ':z', ':ro,z'),
  )
  .map(([source, target, options]) => source + target + (source === '' ? '' : options));

const dockerfileText = textsOf(
  ...[
    'FROM ',
    'a',
    ' AS ',
    'b',
    '\n',
    '\\\n',
    'COPY ',
    '--from=',
    '--constructor=1 ',
    '--mount=from=',
    ' ',
    '.',
    '/',
  ],
  ...[
    'RUN ',
    '<<EOF',
    '<<-E',
    'EOF',
    'ARG ',
    'constructor',
    'toString',
    'X',
    '=',
    '$X',
    '${X:-',
    '}',
    '"',
    '#',
    '["',
    '"]',
  ],
  ...['# escape=`\n', '`\n', '\r', '\t', '0', 'ADD ', '\uFEFF'],
);

const patternText = textsOf(
  ...[
    'a',
    'b',
    '*',
    '**',
    '?',
    '/',
    '!',
    '\\',
    '[',
    ']',
    '^',
    '-',
    '#',
    '\n',
    '\r',
    ' ',
    '.',
    '..',
    '\uFEFF',
    '🙂',
  ],
);

const dotenvText = textsOf(
  ...[
    'A',
    'B',
    '=',
    ':',
    '"',
    "'",
    '\\',
    '\\n',
    '#',
    ' ',
    '\n',
    '\r',
    '$',
    '${',
    '}',
    '$A',
    'export ',
    ':-',
    '\u00A0',
  ],
);

const templateText = textsOf(
  ...['$', '{', '}', ':-', '-', ':?', '?', '+', 'A', 'B', '$$', '${A', ' ', 'é', '\n'],
);

const maskedText = textsOf(
  ...[
    'password',
    'TOKEN',
    'a',
    '=',
    ': ',
    '"',
    "'",
    '-',
    '--',
    ' ',
    '://',
    'u:p@',
    '@',
    'curl ',
    '-u ',
    '.',
    '{',
    '}',
  ],
  ...['${', ':-', 'Authorization: Bearer ', '$apr1$', 'eyJ', '-----BEGIN PRIVATE KEY-----', '\n', '_', '%'],
);

/** A whole stack is loaded for each. */
const dear = 25;

/** The parsers of what users write. */
export const fileLaws: readonly Law[] = [
  law('YAML: any text is read, or told with a place in it', yamlSigns, (text) => {
    const problems: Problem[] = [];
    const nodes = parseYaml(text, '-', (problem) => problems.push(problem));
    assert.ok(nodes !== undefined || problems.length > 0);
    assertPlaces(problems, text);
  }),
  law(
    'YAML: what is printed reads back the same',
    fc.dictionary(fc.constantFrom('a', 'y', '22:22', 'b c'), tree),
    (value) => {
      const problems: Problem[] = [];
      const [node] = parseYaml(printYaml(value), '-', (problem) => problems.push(problem)) ?? [];
      assert.deepEqual(problems, []);
      assert.equal(JSON.stringify(node === undefined ? {} : toPlain(node, {})), JSON.stringify(value));
    },
  ),
  law(
    'stack files: what is damaged is told with its place',
    damagedStack,
    async (text) => {
      assertPlaces(await problemsIn(text), text);
    },
    60,
  ),
  ...Object.entries(shortForms).map(([key, texts]) =>
    law(`${key}: any text is refused, or can be printed`, texts, (text) => assertPrints(key, [text]), dear),
  ),
  ...Object.entries(singleForms).map(([key, texts]) =>
    law(`${key}: any text is refused, or can be printed`, texts, (text) => assertPrints(key, text), dear),
  ),
  law(
    'ports: what is right comes back the same from what is printed',
    fc.uniqueArray(rightPort, { maxLength: 4 }),
    (texts) => assertComesBack('ports', texts),
    dear,
  ),
  law(
    'volumes: what is right comes back the same from what is printed',
    fc.uniqueArray(rightMount, {
      maxLength: 4,
      selector: (text) => text.split(':').find((part) => part.startsWith('/')),
    }),
    (texts) => assertComesBack('volumes', texts),
    dear,
  ),
  law('durations: any text is one or none', durationText, (text) => {
    const read = readDuration(text);
    if (read !== undefined) assert.equal(readDuration(printDuration(read)), read);
    assert.ok(Number.isFinite(nanoseconds(text)) || text.length > 100);
  }),
  law(
    'durations: what is printed reads back the same',
    fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
    (duration) => {
      assert.equal(readDuration(printDuration(duration)), duration);
      const size = duration < 0n ? -duration : duration;
      const read = BigInt(nanoseconds(printDuration(size)));
      // A number has 53 bits.
      assert.ok((read > size ? read - size : size - read) <= size / 2n ** 50n);
    },
  ),
  law('sizes: any text is a whole number of bytes or none', sizeText, (text) => {
    const read = readSize(text);
    assert.ok(read === undefined || (Number.isInteger(read) && read >= -1 && !Object.is(read, -0)));
  }),
  law('.env: any text is read, or told with a place in it', dotenvText, (text) => {
    const problems: Problem[] = [];
    const context = {
      file: '-',
      lookup: () => undefined,
      report: (problem: Problem) => problems.push(problem),
    };
    for (const { value, at } of parseDotenv(text, context).values()) {
      assert.equal(typeof value, 'string');
      assert.ok(at.line <= linesOf(text));
    }
    for (const { key, at } of readRawEnv(text, context.file, context.report)) {
      assert.doesNotMatch(key, /^$|\s/);
      assert.ok(at.line <= linesOf(text));
    }
    assertPlaces(problems, text);
  }),
  law(
    '.env: a value that is written reads back the same',
    textsOf('"', "'", '\\', '$', '${A}', '#', ' ', '\n', '\r', '=', 'a', '`'),
    (value) => {
      const report = () => assert.fail('it could not be read');
      const read = parseDotenv(`${printDotenvLine('NAME', value)}\nAFTER=1\n`, {
        file: '-',
        lookup: () => undefined,
        report,
      });
      assert.deepEqual([read.get('NAME')?.value, read.get('AFTER')?.value], [value, '1']);
    },
  ),
  law('variables: any text is expanded, or what is wrong has a place in it', templateText, (text) => {
    const faults: number[] = [];
    const lookup = (name: string) => (name === 'A' ? 'a' : undefined);
    assert.equal(typeof expandTemplate(text, { lookup, fault: ({ index }) => faults.push(index) }), 'string');
    for (const index of faults) assert.equal(text[index], '$');
    for (const { name } of templateVariables(text)) assert.match(name, /^[A-Za-z_][A-Za-z0-9_]*$/);
  }),
  law('variables: a dollar sign that is doubled stands for itself', fc.string({ unit: 'binary' }), (text) => {
    const context = { lookup: () => 'x', fault: () => assert.fail('it was no text') };
    assert.equal(expandTemplate(text.replaceAll('$', '$$$$'), context), text);
  }),
  law('Dockerfiles: any text has stages, instructions and images', dockerfileText, (text) => {
    const file = readDockerfile(text, { X: '1' });
    const lines = linesOf(text);
    for (const target of [undefined, 'b', '0', 'constructor']) {
      const stages = stagesFor(file, target);
      for (const { line } of stages) assert.ok(line >= 1 && line <= lines);
      for (const stage of stages)
        for (const { sources } of copiedFromContext(stage))
          for (const source of sources) assert.equal(typeof source, 'string');
      for (const image of [...baseImagesOf(file, target), ...imagesOf(file, target, new Set())])
        assert.ok(image === undefined || typeof image === 'string');
      for (const name of namedBeforeRun(file, target)) assert.equal(typeof name, 'string');
    }
    const line = lineOfStep(text, '[1/2] COPY . a');
    assert.ok(line === undefined || line <= lines);
  }),
  law('ignore files: any text is refused, or decides about every path', patternText, async (text) => {
    const ignore = await outcomeOf(() => createIgnore(parseDockerignore(text)));
    if (ignore instanceof Error) return assertOurs(ignore);
    const wild = text.match(/\*+/g)?.length ?? 0;
    const [steps, regex] = wild > 5 ? [] : [compilePattern(text, 0), compilePattern(text, wild)];
    for (const path of ['a', 'a/b', 'b/a/a', '.a', 'a b', '🙂']) {
      assert.equal(steps?.matches(path), regex?.matches(path));
      if (!ignore.ignored(path)) continue;
      for (const below of ['a', 'b']) if (ignore.prunes(path)) assert.ok(ignore.ignored(`${path}/${below}`));
    }
  }),
  law('names of images: any text is one, or refused', singleForms.image, async (text) => {
    const name = await outcomeOf(() => readImageName(text));
    if (name instanceof Error) assertOurs(name);
    else assert.ok(name.path !== '' && (name.tag ?? name.digest) !== undefined);
  }),
  law('credentials: a line that is masked keeps its columns', maskedText, (text) => {
    assert.equal(typeof maskValue('a', text, ['secret1']), 'string');
    for (const line of text.split('\n')) assert.equal(maskLine(line).length, line.length);
  }),
];

function load(text: string): Promise<Loaded> {
  const request = { directory: '/work/p', files: ['-'], profiles: [], services: [], environment: {} };
  return loadStack({ ...request, readStdin: async () => text });
}

async function problemsIn(text: string): Promise<readonly Problem[]> {
  const loaded = await outcomeOf(() => load(text));
  return loaded instanceof Error ? problemsOf(loaded) : loaded.warnings;
}

/** That an attribute of a service is refused with a place, or is loaded and printed. Gives what is printed. */
async function assertPrints(key: string, value: string | readonly string[]): Promise<string | undefined> {
  const others = { b: { image: 'i' }, c: { image: 'i' } };
  const text = JSON.stringify({ name: 'p', services: { a: { image: 'i', [key]: value }, ...others } });
  const loaded = await outcomeOf(() => load(text));
  if (loaded instanceof Error) {
    assertPlaces(problemsOf(loaded), text);
    return undefined;
  }
  const printed = print(loaded);
  // Docker Compose itself refuses some of what it prints of nonsense.
  assertPlaces(await problemsIn(printed), printed);
  return printed;
}

/** That an attribute of a service is loaded and printed, and that from what is printed comes the same. */
async function assertComesBack(key: string, values: readonly string[]): Promise<void> {
  const printed = await assertPrints(key, values);
  assert.ok(printed !== undefined);
  assert.equal(print(await load(printed)), printed);
}

function print({ stack }: Loaded): string {
  return printYaml(canonicalStack(stack, { yaml: true })).replaceAll('$', '$$$$');
}

function assertPlaces(problems: readonly Problem[], text: string): void {
  const lines = linesOf(text);
  for (const { code, message, location, cause } of problems) {
    assert.notEqual(code, 'internal', cause);
    assert.doesNotMatch(message, /undefined|\[object/);
    if (location?.file === '-') assert.ok(location.line <= lines, `line ${location.line}`);
  }
}

function assertOurs(error: Error): void {
  assert.ok(error instanceof ProblemsError, error.stack);
}

/** Old systems end lines by a carriage return alone. */
function linesOf(text: string): number {
  return text.split(/\r\n|\r|\n/).length;
}
