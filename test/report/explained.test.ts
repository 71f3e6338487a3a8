import { expect, test } from 'vitest';
import { formatExplanations } from '../../src/report/explained.ts';

const place = (line: number) => ({ file: '/shop/Dockerfile', line, column: 1 });

test('each build with what changed, and a line a step', () => {
  const text = formatExplanations(
    [
      {
        service: 'api',
        changes: [{ what: 'main.js', how: 'changed' }],
        steps: [
          { name: 'COPY a /', state: 'cached', milliseconds: 5, place: place(2) },
          { name: 'COPY . /', state: 'done', milliseconds: 200, place: place(3), because: 'main.js changed' },
          { name: 'RUN make', state: 'failed', place: place(4), because: 'it follows line 3' },
        ],
        doubts: [],
      },
      { service: 'web', steps: [], doubts: [] },
    ],
    { directory: '/shop' },
  );
  expect(text.split('\n')).toEqual([
    'api: since its last build',
    '  main.js changed',
    '  cached  Dockerfile:2  COPY a /',
    '  done    Dockerfile:3  COPY . /  0.2s  main.js changed',
    '  failed  Dockerfile:4  RUN make        it follows line 3',
    '',
    'web: what its last image was made from is not known',
    '  the builder does not tell which steps came from its cache',
    '',
  ]);
});
