import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProject } from '../helpers/project.ts';
import { openEngineProxy } from '../helpers/proxy.ts';

interface Told {
  readonly v: number;
  readonly findings: readonly {
    readonly check: string;
    readonly state: string;
    readonly code?: string;
    readonly message: string;
    readonly hint?: string;
  }[];
}

async function openProject() {
  const project = createProject();
  const proxy = await openEngineProxy();
  onTestFinished(async () => {
    await proxy.close();
    await project.remove();
  });
  return { project, proxy };
}

test('tells which engine is used, who says so, and what it is', async () => {
  const { project, proxy } = await openProject();
  const { code, stdout, stderr } = await project.run(['-H', proxy.host, 'doctor', '--json']);
  const { v, findings } = JSON.parse(stdout) as Told;
  expect([code, stderr, v]).toEqual([0, '', 1]);
  expect(findings[0]).toEqual({
    check: 'engine',
    state: 'ok',
    message: expect.stringMatching(/^\S.* \d+\.\d+\S*, API \d\.\d+, at unix:\S+ \(--host\)$/),
  });
  expect(findings[0]?.message).toContain(proxy.host);
  const checks = findings.map(({ check }) => check);
  expect(checks).toEqual(
    expect.arrayContaining(['platform', 'builder', 'abilities', 'clock', 'locks', 'node']),
  );
  const text = await project.run(['-H', proxy.host, 'doctor']);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout.split('\n')[0]).toBe(`✓ ${findings[0]?.message}`);
});

test('with an engine that is gone it fails, says what to do, and offers one that answers', async () => {
  const { project, proxy } = await openProject();
  const place = path.join(project.directory, '.colima/work');
  mkdirSync(place, { recursive: true });
  symlinkSync(proxy.host.slice('unix://'.length), path.join(place, 'docker.sock'));
  const environment = { HOME: project.directory, DOCKER_HOST: 'unix:///no/such/docker.sock' };
  const { code, stdout } = await project.run(['doctor', '--json'], { environment });
  const { findings } = JSON.parse(stdout) as Told;
  expect(code).toBe(1);
  expect(findings[0]).toMatchObject({
    check: 'engine',
    state: 'problem',
    code: 'engine-unreachable',
    message: 'no Docker Engine answers at unix:///no/such/docker.sock (DOCKER_HOST): there is no such socket',
    hint: expect.stringContaining('set DOCKER_HOST'),
  });
  expect(findings).toContainEqual({
    check: 'other-engine',
    state: 'ok',
    message: `another engine answers at unix://${place}/docker.sock (Colima, profile work)`,
    hint: `to use it: export DOCKER_HOST=unix://${place}/docker.sock`,
  });
});

test('a program for passwords that is configured and missing is a problem, and an address that is none, too', async () => {
  const { project, proxy } = await openProject();
  project.write('docker/config.json', JSON.stringify({ credsStore: 'nowhere-to-be-found' }));
  // A file by its name that cannot be run is none.
  project.write('bin/docker-credential-nowhere-to-be-found', '');
  const environment = {
    DOCKER_CONFIG: path.join(project.directory, 'docker'),
    PATH: `${project.directory}/bin:${project.environment.PATH}`,
  };
  const { code, stdout } = await project.run(['-H', proxy.host, 'doctor'], { environment });
  expect(code).toBe(0);
  expect(stdout).toContain('✗ ');
  expect(stdout).toContain('names docker-credential-nowhere-to-be-found, which is not there');
  const wrong = await project.run(['-H', 'tpc://build.local', 'doctor']);
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toContain(
    '✗ --host is no address of a Docker Engine: tpc://build.local\n  hint: did you mean tcp://build.local?\n',
  );
});
