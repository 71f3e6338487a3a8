/**
 * What the engine itself needs: for each thing people ask for, as few calls as lead there, at the same time where one
 * does not need the other, over connections that are open already. Nothing is looked after, told or tried again.
 */

import http from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { label } from '../../../src/model/labels.ts';
import { withResolvers } from '../../../src/model/resolvers.ts';
import { engineRequest, engineStream, labelled } from '../api.ts';
import { image } from './files.ts';

const agent = new http.Agent({ keepAlive: true });
/** More starts at once than this do not make an engine faster. */
const width = 12;

export interface ListedContainer {
  readonly Id: string;
  readonly Names: readonly string[];
}

export interface ContainerWishes {
  readonly command?: readonly string[];
  readonly grace?: number;
  readonly image?: string;
  readonly environment?: readonly string[];
  readonly healthcheck?: {
    readonly Interval: number;
    readonly StartPeriod?: number;
    readonly StartInterval?: number;
  };
}

export type Limit = ReturnType<typeof limitOf>;

export function limitOf(host: string) {
  const ask = <T = unknown>(method: string, path: string, body?: unknown): Promise<T> =>
    engineRequest<T>(host, method, path, { agent, ...(body === undefined ? {} : { body }) });
  const nameOf = (project: string, service: string, number = 1): string => `${project}-${service}-${number}`;
  const create = async (project: string, service: string, name: string, wishes: ContainerWishes = {}) => {
    const network = `${project}_default`;
    const { command = ['sleep', 'infinity'], grace = 0, environment, healthcheck } = wishes;
    const { Id } = await ask<{ Id: string }>('POST', `/containers/create?name=${name}`, {
      Image: wishes.image ?? image,
      Cmd: command,
      Env: environment,
      StopTimeout: grace,
      Labels: { [label.project]: project, 'dev.stack.test': '1' },
      ...(healthcheck === undefined ? {} : { Healthcheck: { Test: ['CMD', 'true'], ...healthcheck } }),
      HostConfig: { NetworkMode: network },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service] } } },
    });
    return Id;
  };
  const start = (id: string) => ask('POST', `/containers/${id}/start`);
  const list = (project: string, all = true) =>
    ask<readonly ListedContainer[]>(
      'GET',
      `/containers/json?all=${all ? 1 : 0}&${labelled(`${label.project}=${project}`)}`,
    );
  const remove = (id: string) => ask('DELETE', `/containers/${id}?force=1`);

  return {
    ask,
    nameOf,
    list,
    /** The events of a project's containers until the function that comes out is called. */
    async events(
      project: string,
      kinds: readonly string[],
      told: (id: string, name: string, what: string) => void,
    ) {
      const filters = JSON.stringify({
        type: ['container'],
        event: kinds,
        label: [`${label.project}=${project}`],
      });
      const stream = await engineStream(host, 'GET', `/events?filters=${encodeURIComponent(filters)}`);
      void eachLine(stream, (line) => {
        const { Action, Actor } = JSON.parse(line) as {
          Action: string;
          Actor: { ID: string; Attributes: { name: string } };
        };
        told(Actor.ID, Actor.Attributes.name, Action);
      });
      return () => stream.destroy();
    },
    /** Brings services up, in their order: each waits for the one before to be what `after` says. */
    async up(
      project: string,
      services: readonly string[],
      { after, ...wishes }: ContainerWishes & { readonly after?: 'started' | 'healthy' } = {},
    ): Promise<void> {
      const reached = services.map(() => withResolvers<void>());
      const unfollow =
        after === 'healthy'
          ? await this.events(project, ['health_status'], (_, name, what) => {
              const index = services.findIndex((service) => nameOf(project, service) === name);
              if (what.endsWith(': healthy')) reached[index]?.resolve();
            })
          : undefined;
      // A network is looked up when a container starts.
      const network = ask('POST', '/networks/create', {
        Name: `${project}_default`,
        Labels: { [label.project]: project, 'dev.stack.test': '1' },
      });
      await atOnce(after === undefined ? width : services.length, services, async (service, index) => {
        const id = await create(project, service, nameOf(project, service), wishes);
        await network;
        if (after !== undefined) await reached[index - 1]?.promise;
        await start(id);
        if (after === 'started') reached[index]?.resolve();
      });
      unfollow?.();
    },
    /** Takes all down; `inOrder`: each is stopped once those after it are. */
    async down(project: string, { asking = false, inOrder = false } = {}): Promise<void> {
      const numberOf = ({ Names: [name = ''] }: ListedContainer): number =>
        Number(/s(\d+)-\d+$/.exec(name)?.[1] ?? 0);
      const containers = (await list(project)).toSorted((a, b) => numberOf(b) - numberOf(a));
      const removals: Promise<unknown>[] = [];
      await atOnce(inOrder ? 1 : width, containers, async ({ Id }) => {
        if (asking || inOrder) await ask('POST', `/containers/${Id}/stop`);
        removals.push(remove(Id));
        if (!inOrder) await removals.at(-1);
      });
      await Promise.all(removals);
      await ask('DELETE', `/networks/${project}_default`);
    },
    /** All that must be known to see that nothing is to be done. */
    look: (project: string): Promise<unknown> =>
      Promise.all([
        list(project),
        ask('GET', `/networks?${labelled(`${label.project}=${project}`)}`),
        ask('GET', `/images/${image}/json`),
      ]),
    async replace(project: string, service: string, wishes: ContainerWishes): Promise<void> {
      const name = nameOf(project, service);
      await list(project);
      const [id] = await Promise.all([create(project, service, `${name}-next`, wishes), remove(name)]);
      await ask('POST', `/containers/${id}/rename?name=${name}`);
      await start(id);
    },
    restart: (project: string, service: string) =>
      ask('POST', `/containers/${nameOf(project, service)}/restart?t=0`),
    async scale(project: string, service: string, to: number): Promise<void> {
      const there = (await list(project)).map(({ Names: [name = ''] }) => name.slice(1));
      const wanted = Array.from({ length: to }, (_, index) => nameOf(project, service, index + 1));
      await atOnce(
        width,
        wanted.filter((name) => !there.includes(name)),
        async (name) => start(await create(project, service, name)),
      );
      await atOnce(
        width,
        there.filter((name) => !wanted.includes(name)),
        remove,
      );
    },
    async exec(container: string, command: readonly string[]): Promise<void> {
      const { Id } = await ask<{ Id: string }>('POST', `/containers/${container}/exec`, {
        AttachStdout: true,
        AttachStderr: true,
        Cmd: command,
      });
      const output = await engineStream(host, 'POST', `/exec/${Id}/start`, { body: {} });
      for await (const _ of output);
      await ask('GET', `/exec/${Id}/json`);
    },
    async once(project: string, service: string, command: readonly string[]): Promise<void> {
      const network = `${project}_default`;
      const { Id } = await ask<{ Id: string }>('POST', '/containers/create', {
        Image: image,
        Cmd: command,
        AttachStdout: true,
        AttachStderr: true,
        Labels: { [label.project]: project, 'dev.stack.test': '1' },
        HostConfig: { NetworkMode: network, AutoRemove: true },
        NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service] } } },
      });
      const output = await engineStream(host, 'POST', `/containers/${Id}/attach?stream=1&stdout=1&stderr=1`);
      output.resume();
      const removed = ask('POST', `/containers/${Id}/wait?condition=removed`);
      await start(Id);
      await removed;
    },
    /** Builds from files that are sent along; resolves with the image. */
    async build(tag: string, files: Readonly<Record<string, string>>): Promise<void> {
      const query = `version=2&t=${tag}&labels=${encodeURIComponent(JSON.stringify({ [label.project]: tag }))}`;
      const body = await archive(files);
      let failure: string | undefined;
      await eachLine(await engineStream(host, 'POST', `/build?${query}`, { body, agent }), (line) => {
        if (line.includes('"errorDetail"')) failure = line;
      });
      if (failure !== undefined) throw new Error(`the engine did not build: ${failure}`);
    },
    async put(container: string, folder: string, files: Readonly<Record<string, string>>): Promise<void> {
      await ask(
        'PUT',
        `/containers/${container}/archive?path=${encodeURIComponent(folder)}`,
        await archive(files),
      );
    },
    /** The process of a container, as this machine knows it. */
    async pidOf(container: string): Promise<number> {
      const { State } = await ask<{ State: { Pid: number } }>('GET', `/containers/${container}/json`);
      return State.Pid;
    },
    /** The archive of a file in a container, in which its text is. */
    async read(container: string, file: string): Promise<string> {
      const path = `/containers/${container}/archive?path=${encodeURIComponent(file)}`;
      let text = '';
      for await (const part of await engineStream(host, 'GET', path, { agent })) text += part;
      return text;
    },
    /** Where a container with `stdin_open` reads from. */
    openInput(container: string): Promise<Socket> {
      const socket = open(host);
      socket.write(
        `POST /containers/${container}/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
      );
      return new Promise((resolve, reject) => {
        socket.on('error', reject).once('data', () => resolve(socket));
      });
    },
    /** What a container writes, as it comes: before each piece are eight bytes of which stream and how long. */
    follow: (container: string) =>
      engineStream(host, 'GET', `/containers/${container}/logs?stdout=1&stderr=1&follow=1`),
    /** Reads all that a container has written, in a protocol so old that nothing is cut into pieces. */
    readLog: (container: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const socket = open(host);
        socket
          .on('error', reject)
          .on('close', () => resolve())
          .resume();
        socket.write(`GET /containers/${container}/logs?stdout=1&stderr=1 HTTP/1.0\r\nHost: engine\r\n\r\n`);
      }),
  };
}

function open(host: string): Socket {
  const { hostname, port } = new URL(host);
  return host.startsWith('unix://')
    ? connect(host.slice('unix://'.length))
    : connect(Number(port || 2375), hostname);
}

/** Tells each line as it comes; resolves at the end. */
export function eachLine(stream: Readable, told: (line: string) => void): Promise<void> {
  let rest = '';
  stream.on('error', () => {});
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') told(line);
  });
  return new Promise((resolve) => stream.on('close', resolve));
}

async function atOnce<T>(
  most: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}

async function archive(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const packing = pack();
  for (const [name, text] of Object.entries(files)) packing.entry({ name, mtime: new Date() }, text);
  packing.finalize();
  const parts: Buffer[] = [];
  for await (const part of packing) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
