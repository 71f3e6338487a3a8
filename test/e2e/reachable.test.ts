import { afterEach, expect, test } from 'vitest';
import { networkAddresses } from '../../src/cli/addresses.ts';
import { freePort } from '../helpers/free-port.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

test('which ports others in the network can reach is told once, unless the file says what is meant', async () => {
  const own = createProject();
  project = own;
  const [port, other] = [await freePort(), await freePort()];
  const write = (address: string, extras = ''): void =>
    own.write(
      'stack.yaml',
      `${extras}
services:
  web:
    image: busybox
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    command: [httpd, -f, -p, "80"]
    ports: ["${address}${port}:80", "127.0.0.1:${other}:80"]
`,
    );
  const [first] = networkAddresses();
  const told =
    first === undefined
      ? /^$/
      : new RegExp(
          `warning: others in your network can reach port ${port} at .*${first.address.replaceAll('.', '\\.')} \\(${first.name}\\)`,
        );
  write('');
  const planned = await own.run(['plan']);
  expect(planned.stderr).toMatch(told);
  const up = await own.run(['up', '-d']);
  expect(up.stdout).toMatch(told);
  expect(up.stdout.split('others in your network')).toHaveLength(first === undefined ? 1 : 2);
  expect(up.stdout).not.toContain(`port ${other}`);
  if (first !== undefined) {
    expect(up.stdout).toContain(`hint: 127.0.0.1:${port}:… keeps it to this machine`);
    expect((await own.run(['--json', 'plan'])).stdout).toContain('"code":"ports-reachable"');
  }
  expect((await own.run(['compose', 'up', '-d'])).output).not.toContain('others in your network');

  for (const [address, extras] of [
    ['127.0.0.1:', ''],
    ['0.0.0.0:', ''],
    ['', 'x-stack: { publish: all }'],
    ['', 'x-stack: { publish: local }'],
  ] as const) {
    write(address, extras);
    const { code, output } = await own.run(['plan']);
    expect([address, extras, code]).toEqual([address, extras, 0]);
    expect(output).not.toContain('others in your network');
  }
  expect((await own.run(['up', '-d'])).output).not.toContain('others in your network');
  const listed = JSON.parse((await own.run(['ps', '--format', 'json'])).stdout);
  expect(listed.Publishers.map(({ URL }: { URL: string }) => URL)).toEqual(['127.0.0.1', '127.0.0.1']);

  own.write('stack.yaml', 'x-stack: { publish: here }\nservices: { web: { image: busybox } }\n');
  expect((await own.run(['check'])).output).toMatch(/stack\.yaml:1:21 .*local/);
});
