import { expect, test } from 'vitest';
import { lineOfStep } from '../../../src/docker/build/instructions.ts';

const dockerfile = `# syntax=docker/dockerfile:1
FROM node AS builder

COPY . .
RUN npm ci && \\
    # not part of it
    npm test
RUN <<EOF
RUN npm run hidden
EOF
RUN npm run build
RUN echo twice
FROM nginx
RUN echo twice
RUN true \\
`;

test.each([
  ['[builder 2/5] COPY . .', 4],
  ['[builder 3/5] RUN npm ci &&     npm test', 5],
  ['RUN npm run build', 11],
  ['[builder 1/5] FROM node AS builder', 2],
  ['[stage-1 3/3] RUN true', 15],
])('the line of %s is found', (step, line) => {
  expect(lineOfStep(dockerfile, step)).toBe(line);
});

test.each([
  ['that is there twice', '[stage-1 2/3] RUN echo twice'],
  ['of a document', '[builder 4/5] RUN npm run hidden'],
  ['of the builder itself', '[internal] load build context'],
])('no line is told of a step %s', (_, step) => {
  expect(lineOfStep(dockerfile, step)).toBeUndefined();
});
