import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { upgradeFile } from '../../src/load/upgrade.ts';
import { loadText } from './folder.ts';

const read = (name: string) => readFileSync(`test/load/data/upgrade/${name}.txt`, 'utf8');
const upgraded = (text: string) => upgradeFile(text, 'f.yaml').text;

test.each(['version-1', 'version-3'])(
  'a file of %s keeps its comments, its order and its layout',
  async (name) => {
    const { text } = upgradeFile(read(name), 'f.yaml');
    expect(text).toBe(read(`${name}.new`));
    expect(upgraded(text)).toBe(text);
    const { warnings } = await loadText(text);
    expect(warnings.filter(({ code }) => code === 'obsolete-key')).toEqual([]);
  },
);

test('a file of today stays as it is', () => {
  const text =
    '# a\nservices:\n  web:\n    image: nginx # b\n    ports: [ "80:80" ]\n    environment:\n    - A=1\n';
  expect(upgraded(text)).toBe(text);
});

test('services that are named like a section are services', () => {
  expect(upgraded('version:\n  image: a\nvolumes:\n  image: b\n')).toBe(
    'services:\n  version:\n    image: a\n  volumes:\n    image: b\n',
  );
});

test('a shared network is that of a service if there is one of that name', () => {
  expect(upgraded('a:\n  image: x\n  net: container:b\nb:\n  image: x\n  net: "container:c"\n')).toBe(
    'services:\n  a:\n    image: x\n    network_mode: service:b\n  b:\n    image: x\n    network_mode: "container:c"\n',
  );
});

test('named volumes keep their names and get the driver of the service', () => {
  const text =
    'a:\n  image: x\n  volume_driver: d\n  volumes:\n    - v.1:/x\n    - /abs:/y\n    - ~/h:/z\n    - /anonymous\n    - ${P}:/p\n';
  expect(upgraded(text)).toContain('\nvolumes:\n  v.1:\n    name: v.1\n    driver: d\n');
  expect(upgraded(text)).not.toContain('volume_driver');
});

test('what has to be looked at is told with its place', () => {
  const { warnings } = upgradeFile(
    'a:\n  extends:\n    file: b.yaml\n    service: b\n  volume_driver: d\n',
    'f.yaml',
  );
  expect(warnings.map(({ location, message }) => [location?.line, location?.column, message])).toEqual([
    [5, 3, '`volume_driver` is dropped: the service mounts no volume that has a name'],
    [3, 11, 'the file `b.yaml` may be one of version 1, too'],
  ]);
});

test('several documents stay several, and line ends stay', () => {
  expect(upgraded('version: "3"\r\nservices: {}\r\n---\r\nname: x\r\n')).toBe(
    'services: {}\r\n---\r\nname: x\r\n',
  );
});

test('what needs nothing but the version taken away keeps its layout to the blank', () => {
  const rest =
    'x-a: &a   # the anchor\n  init: true\nservices:\t# c\n  web:\n    image:   x   # aligned\n    ports: [ "1:1" ,  "2:2" ]\n\n\n# tail\n';
  expect(upgraded(`# top\n\nversion: "3.8"   # old\n\n${rest}`)).toBe(`# top\n\n${rest}`);
  expect(upgraded(rest)).toBe(rest);
});

test('a value left out between braces is no part of its name afterwards', () => {
  expect(upgraded('web:\n  image: x\n  environment: {A: , B: }\n')).toBe(
    'services:\n  web:\n    image: x\n    environment: { A: null, B: null }\n',
  );
});

test('a volume that is there already gets no driver', () => {
  const text =
    'version: "2"\nservices:\n  a: {image: x, volume_driver: d, volumes: ["v:/v"]}\nvolumes:\n  v: {external: true}\n';
  expect(upgraded(text)).toBe(
    'services:\n  a: {image: x, volumes: ["v:/v"]}\nvolumes:\n  v: {external: true}\n',
  );
});
