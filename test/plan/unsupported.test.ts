import { expect, it } from 'vitest';
import type { Service } from '../../src/model/stack.ts';
import { unsupportedIn } from '../../src/plan/unsupported.ts';
import { stackOf } from '../helpers/stack.ts';

it('tells everything that cannot be done at once, and where it stands', () => {
  const web: Service = {
    image: 'web',
    secrets: [{ source: 'file' }, { source: 'kept' }, { source: 'made' }],
  };
  const secrets = {
    file: { name: 'file', file: '/file' },
    kept: { name: 'kept', external: true },
    made: { name: 'made', driver: 'vault' },
  };
  const pre_start = [
    { command: ['a'], per_replica: false },
    { command: ['b'], per_replica: true },
  ];
  const db: Service = { image: 'db', use_api_socket: true, read_only: true, pre_start };
  const stack = stackOf({ web, db }, { secrets });
  const told = unsupportedIn(stack).map(({ path, message }) => `${path}: ${message}`);
  expect(told).toEqual([
    'services.web.secrets[1]: unsupported external secret kept',
    'services.web.secrets[2]: web wants the secret `made` with a `driver`, which only a swarm has',
    'services.db.use_api_socket: the credentials that `use_api_socket` gives cannot be written into db, which is `read_only`',
    'services.db.pre_start[1].per_replica: a pre_start hook of db is to run for each container, which is not possible',
  ]);
});

it('lets pass what can be done', () => {
  const web: Service = {
    image: 'web',
    scale: 1,
    ipc: 'host',
    use_api_socket: false,
    deploy: { replicas: 1 },
  };
  expect(unsupportedIn(stackOf({ web }))).toEqual([]);
});
