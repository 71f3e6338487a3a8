import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDotenv, parseRawEnv } from '../../src/load/variables/dotenv.ts';
import { expandTemplate } from '../../src/load/variables/template.ts';
import { loadText, problemsIn } from './folder.ts';

// Whatever is in a file, the user gets problems with places, never a crash.

const piece = fc.constantFrom(
  '$',
  '{',
  '}',
  ':-',
  '-',
  '?',
  '+',
  'A',
  'B',
  ' ',
  '\n',
  '=',
  '"',
  "'",
  '\\',
  '#',
  ':',
  'é',
);
const text = fc.oneof(
  fc.string(),
  fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
);

test('templates', () => {
  fc.assert(
    fc.property(text, (template) => {
      const indexes: number[] = [];
      expandTemplate(template, {
        lookup: (name) => (name === 'A' ? 'a' : undefined),
        fault: ({ index }) => indexes.push(index),
      });
      for (const index of indexes) expect(template[index]).toBe('$');
    }),
    { numRuns: 2000 },
  );
});

test('env files', () => {
  fc.assert(
    fc.property(text, (content) => {
      const lines = content.split('\n').length;
      const context = { file: '-', lookup: () => undefined };
      const report = ({ location }: { location?: { line: number } }) =>
        expect(location?.line).toBeLessThanOrEqual(lines);
      for (const { at } of parseDotenv(content, { ...context, report }).values())
        expect(at.line).toBeLessThanOrEqual(lines);
      parseRawEnv(content, { ...context, report });
    }),
    { numRuns: 2000 },
  );
});

const valid = `name: demo
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

const words = fc.constantFrom(
  ...[
    'null',
    '[]',
    '{}',
    '"x"',
    '5',
    '1.5',
    'true',
    '~',
    '!reset []',
    '!override {}',
    '*common',
    '&common',
    '<<: *common',
    '$',
    '${',
  ],
  ...[
    '\n',
    '  ',
    '- ',
    ': ',
    '"',
    "'",
    '[',
    '{',
    '}',
    ']',
    ',',
    '#',
    'services:',
    'x-a:',
    '__proto__:',
    'constructor: ',
    '\t',
    '---\n',
  ],
);

test('stack files', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(valid.length), fc.nat(12), words), { minLength: 1, maxLength: 6 }),
      async (changes) => {
        let mutated = valid;
        for (const [at, length, word] of changes)
          mutated = mutated.slice(0, at) + word + mutated.slice(at + length);
        const problems = await problemsIn(loadText(mutated));
        const lines = mutated.split('\n').length;
        for (const { code, location } of problems) {
          expect(code).not.toBe('internal');
          if (location !== undefined) expect(location.line).toBeLessThanOrEqual(lines);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('every attribute with every kind of value', async () => {
  const attributes = [
    'ports',
    'volumes',
    'build',
    'depends_on',
    'networks',
    'healthcheck',
    'environment',
    'env_file',
  ];
  const more = [
    'command',
    'logging',
    'extra_hosts',
    'tmpfs',
    'labels',
    'shm_size',
    'init',
    'user',
    'dns',
    'expose',
  ];
  const inner = [
    '',
    '5',
    'x',
    '[]',
    '{}',
    '[~]',
    '[5]',
    '[[]]',
    '[{}]',
    '{a: }',
    '{a: []}',
    '{a: {}}',
    '{context: 5}',
    '{test: {}}',
  ];
  for (const attribute of [...attributes, ...more]) {
    for (const value of inner) {
      const problems = await problemsIn(
        loadText(`services:\n  a:\n    image: i\n    ${attribute}: ${value}\n`),
      );
      const places = problems.map(({ location }) => `${location?.line}:${location?.column}`);
      expect([attribute, value, new Set(places).size]).toEqual([attribute, value, places.length]);
      expect(problems.map(({ code }) => code)).not.toContain('internal');
    }
  }
});
