import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { originOf } from '../../src/model/stack.ts';
import { folder, request } from './folder.ts';

const base = `x-shared: &shared
  restart: always
services:
  web:
    <<: *shared
    image: web
    ports:
      - "80-81:80-81"
    environment:
      - A=1
      - B=2
    links: [db]
  db:
    image: db
`;
const over = `services:
  web:
    environment: {B: 3, C: 4}
    ports: ["90:90", "80:80"]
`;

test('every value has the place where it was written, the last file counts', async () => {
  const directory = folder({ '1.yaml': base, '2.yaml': over });
  const { stack } = await loadStack(request(directory, { files: ['1.yaml', '2.yaml'] }));
  const place = (at: string) => {
    const origin = originOf(stack, at);
    return origin && `${path.basename(origin.file)}:${origin.line}:${origin.column}`;
  };
  expect(stack.services.web?.ports?.map(({ target }) => target)).toEqual([80, 81, 90]);
  expect(
    [
      'services.web',
      'services.web.image',
      'services.web.restart',
      'services.web.environment.A',
      'services.web.environment.B',
      'services.web.environment.C',
      'services.web.ports[0]',
      'services.web.ports[1]',
      'services.web.ports[2]',
      'services.web.links[0]',
      'services.web.depends_on.db',
      'services.db.image',
    ].map((at) => `${at} ${place(at)}`),
  ).toEqual([
    'services.web 2.yaml:2:3',
    'services.web.image 1.yaml:6:12',
    'services.web.restart 1.yaml:2:12',
    'services.web.environment.A 1.yaml:10:9',
    'services.web.environment.B 2.yaml:3:22',
    'services.web.environment.C 2.yaml:3:28',
    'services.web.ports[0] 2.yaml:4:22',
    'services.web.ports[1] 1.yaml:8:9',
    'services.web.ports[2] 2.yaml:4:13',
    'services.web.links[0] 1.yaml:12:13',
    'services.web.depends_on.db 1.yaml:12:13',
    'services.db.image 1.yaml:14:12',
  ]);
});
