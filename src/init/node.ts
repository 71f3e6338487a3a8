import type { Folder } from './folder.ts';
import type { Described } from './program.ts';
import { firstOf, portInSources } from './source.ts';

interface Package {
  readonly main?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly engines?: { readonly node?: string };
}

const ports = [
  /\benv\.PORT\s*(?:\|\||\?\?)\s*['"]?(\d{2,5})/,
  /\bPORT\s*=\s*[^;\n]*?(\d{2,5})/,
  /\.listen\(\s*\{?\s*(?:port:\s*)?(\d{2,5})/,
  /\bport\s*[:=]\s*(\d{2,5})/i,
];

/** Frameworks that listen where nobody has said it. */
const frameworkPorts: Readonly<Record<string, number>> = {
  next: 3000,
  nuxt: 3000,
  '@nestjs/core': 3000,
  '@remix-run/serve': 3000,
  vite: 5173,
};

/** How a program for Node.js is built and started. */
export function nodeProgram(folder: Folder): Described | undefined {
  const manifest = readPackage(folder.texts.get('package.json'));
  if (manifest === undefined) return undefined;
  const { scripts = {}, dependencies = {}, devDependencies = {} } = manifest;
  const libraries = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
  const file = startedFile(manifest, folder);
  const command = startCommand(manifest, file);
  const port =
    portInSources(folder, /\.(?:js|mjs|cjs|ts)$/, ports, file) ??
    libraries
      .map((name) => (Object.hasOwn(frameworkPorts, name) ? frameworkPorts[name] : undefined))
      .find(Boolean);
  const isBuilt = scripts.build !== undefined && scripts.start !== undefined;
  const version = versionOf(manifest, folder);
  return {
    what: `Node.js ${version}`,
    because: 'package.json',
    ...(command !== undefined && { command }),
    ...(port !== undefined && { port }),
    ...(usesPort(folder) && port !== undefined && { environment: { PORT: String(port) } }),
    dockerfile: [
      `FROM node:${version}-slim`,
      'WORKDIR /app',
      ...installation(folder, libraries.length > 0),
      'COPY . .',
      ...(isBuilt ? ['RUN npm run build'] : []),
    ],
    ignored: ['node_modules', 'npm-debug.log', 'coverage'],
    libraries,
  };
}

function readPackage(text: string | undefined): Package | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Package) : undefined;
  } catch {
    return undefined;
  }
}

/** The file that `start` names, else what there usually is. */
function startedFile({ main, scripts = {} }: Package, folder: Folder): string | undefined {
  const [, named] = /^node\s+(?:-\S+\s+)*(?:\.\/)?(\S+)/.exec(scripts.start ?? '') ?? [];
  const own = typeof main === 'string' ? [main.replace(/^\.\//, '')] : [];
  return (
    named ??
    firstOf(folder, [...own, 'server.js', 'index.js', 'app.js', 'main.js', 'server.mjs', 'index.mjs'])
  );
}

function startCommand({ scripts = {} }: Package, file: string | undefined): readonly string[] | undefined {
  // A program that is started without npm hears of signals itself.
  const [, words] = /^node\s+([\w./=@:-]+(?:\s+[\w./=@:-]+)*)$/.exec(scripts.start ?? '') ?? [];
  if (words !== undefined) return ['node', ...words.split(/\s+/)];
  if (scripts.start !== undefined) return ['npm', 'start'];
  if (scripts.dev !== undefined) {
    // Its own server for developers listens for this machine only.
    const isVite = /^vite(?:\s|$)/.test(scripts.dev);
    return ['npm', 'run', 'dev', ...(isVite ? ['--', '--host', '0.0.0.0'] : [])];
  }
  return file === undefined ? undefined : ['node', file];
}

function installation(folder: Folder, hasLibraries: boolean): readonly string[] {
  const copy = (...files: readonly string[]): string => `COPY ${files.join(' ')} ./`;
  if (folder.files.includes('pnpm-lock.yaml'))
    return [copy('package.json', 'pnpm-lock.yaml'), 'RUN corepack enable && pnpm install --frozen-lockfile'];
  if (folder.files.includes('yarn.lock'))
    return [copy('package.json', 'yarn.lock'), 'RUN corepack enable && yarn install --frozen-lockfile'];
  if (folder.files.includes('package-lock.json'))
    return [copy('package.json', 'package-lock.json'), 'RUN npm ci'];
  return hasLibraries ? [copy('package.json'), 'RUN npm install'] : [];
}

function versionOf({ engines = {} }: Package, { texts }: Folder): string {
  const said = texts.get('.nvmrc') ?? texts.get('.node-version') ?? engines.node ?? '';
  const [, major] = /^\s*v?(\d+)(?:\.|\s*$)/.exec(said) ?? [];
  return major ?? '24';
}

function usesPort({ texts }: Folder): boolean {
  return [...texts.values()].some((text) => /\benv\.PORT\b/.test(text));
}
