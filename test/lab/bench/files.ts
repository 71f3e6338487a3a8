import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const image = 'busybox:latest';
/** What removes what a killed run leaves. */
export const labels = 'labels: {dev.stack.test: "1"}';
/** Ends at the first SIGKILL, for which nobody waits. */
export const sleeps = `image: ${image}, ${labels}, stop_grace_period: 0s, command: [sleep, infinity]`;
/** Ends at once when it is asked to. */
export const obeys = `image: ${image}, ${labels}, command: [sh, -c, "trap 'exit 0' TERM; sleep infinity & wait"]`;

export const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `s${index}`);

/** A file of so many services; `more` adds keys to each. */
export function services(count: number, body = sleeps, more: (index: number) => string = () => ''): string {
  const lines = names(count).map((name, index) => `  ${name}: {${body}${more(index)}}\n`);
  return `services:\n${lines.join('')}`;
}

/** Each service needs the one before. */
export function chain(count: number, condition: string, healthcheck?: string): string {
  return services(
    count,
    sleeps,
    (index) =>
      (healthcheck === undefined ? '' : `, healthcheck: {test: [CMD, "true"], ${healthcheck}}`) +
      (index === 0 ? '' : `, depends_on: {s${index - 1}: {condition: ${condition}}}`),
  );
}

/** Files as people write large stacks: anchors, merge keys, bases in another file, variables, env files. */
export function written(count: number): Readonly<Record<string, string>> {
  return {
    '.env': 'REGISTRY=registry.example.com\nTAG=3\nLEVEL=debug\n',
    'shop.env': Array.from({ length: 30 }, (_, index) => `SHOP_${index}=\${LEVEL}-${index}\n`).join(''),
    'bases.yaml': `services:
  job:
    image: \${REGISTRY}/job:\${TAG:-1}
    environment: {LEVEL: "\${LEVEL:-info}"}
    healthcheck: {test: [CMD, "true"], interval: 30s}
  server:
    extends: job
    deploy: {resources: {limits: {cpus: "0.5", memory: 128M}}}
`,
    'compose.yaml': `x-common: &common
  restart: unless-stopped
  logging: &logging {driver: json-file, options: {max-size: 10m}}
  environment: &environment {MODE: "\${MODE:-fast}"}
services:
${names(count)
  .map(
    (name, index) => `  ${name}:
    <<: *common
    extends: {file: bases.yaml, service: ${index % 2 === 0 ? 'server' : 'job'}}
    env_file: shop.env
    ports: ["127.0.0.1:\${PORT_${index}:-${10_000 + index}}:80"]
    environment:
      <<: *environment
      NAME: ${name}
      NEXT: http://s${(index + 1) % count}:80/\${PREFIX:-}
    volumes: ["./data/${name}:/data", "cache:/cache"]
    networks: [front, back]
`,
  )
  .join('')}networks: {front: {}, back: {internal: true}}
volumes: {cache: {}}
`,
  };
}

/** Writes so many files of a size, a hundred to a folder. */
export function manyFiles(folder: string, count: number, bytes: number): void {
  const filling = Buffer.alloc(bytes, 'x');
  for (let index = 0; index < count; index++) {
    const place = path.join(folder, `d${Math.floor(index / 100)}`);
    if (index % 100 === 0) mkdirSync(place, { recursive: true });
    filling.write(`${index}\n`);
    writeFileSync(path.join(place, `f${index}`), filling);
  }
}
