import { expect, test } from 'vitest';
import { formatBake } from '../../src/plan/bake.ts';
import { stackOf } from '../helpers/stack.ts';

const asWritten = { args: {}, noCache: false, pull: false, push: false };

function targets(...[services, options = {}]: [Parameters<typeof stackOf>[0], object?]) {
  return JSON.parse(formatBake(stackOf(services), { ...asWritten, ...options })).target;
}

test('the file is the one that Docker Compose 2.40.3 prints, character for character', () => {
  const base = { build: { context: '/base', dockerfile_inline: 'FROM busybox\nRUN echo ${A} > /a\n' } };
  expect(formatBake(stackOf({ base }), asWritten)).toBe(`{
  "group": {
    "default": {
      "targets": [
        "base"
      ]
    }
  },
  "target": {
    "base": {
      "context": "/base",
      "dockerfile-inline": "FROM busybox\\nRUN echo $\${A} \\u003e /a\\n",
      "labels": {
        "com.docker.compose.project": "shop",
        "com.docker.compose.service": "base",
        "com.docker.compose.version": "2.40.3"
      },
      "tags": [
        "shop-base"
      ],
      "output": [
        "type=docker"
      ]
    }
  }
}
`);
});

test('targets have no dots, and use each other by those names', () => {
  const found = targets({
    'a.b': { build: { context: '/a' } },
    web: { build: { context: '/w/x', dockerfile: '../Df', additional_contexts: { a: 'service:a.b' } } },
  });
  expect(Object.keys(found)).toEqual(['a_b', 'web']);
  expect(found.web).toMatchObject({ contexts: { a: 'target:a_b' }, dockerfile: '/w/Df' });
});

test('what is pushed, built for several platforms or only looked over says so in its output', () => {
  const build = { context: '/a' };
  const several = { build: { ...build, platforms: ['linux/amd64', 'linux/arm64'] } };
  expect(targets({ web: { image: 'x', build } }, { push: true }).web.output).toEqual(['type=registry']);
  expect(targets({ web: { build } }, { push: true }).web.output).toEqual(['type=docker']);
  expect(targets({ web: several }).web.output).toEqual(['type=image,push=false']);
  expect(targets({ web: { build } }, { check: true }).web).not.toHaveProperty('output');
});
