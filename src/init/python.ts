import type { Folder } from './folder.ts';
import type { Described } from './program.ts';
import { firstOf, portInSources } from './source.ts';

const ports = [
  /environ(?:\.get)?[[(]\s*['"]PORT['"]\s*,\s*['"]?(\d{2,5})/,
  /\bport\s*=\s*(?:int\()?(\d{2,5})/i,
  /\(\s*['"](?:0\.0\.0\.0|localhost|127\.0\.0\.1)?['"]\s*,\s*(\d{2,5})\s*\)/,
];

/** How a Python program is built and started. */
export function pythonProgram(folder: Folder): Described | undefined {
  const { texts } = folder;
  const because =
    firstOf(folder, ['requirements.txt', 'pyproject.toml', 'Pipfile', 'manage.py']) ?? bareProgram(folder);
  if (because === undefined) return undefined;
  const libraries = librariesIn(folder);
  const file = firstOf(folder, ['app.py', 'main.py', 'server.py', 'wsgi.py', 'asgi.py', 'run.py']);
  const { command, port } = startOf(folder, libraries, file);
  const version = versionOf(folder);
  return {
    what: `Python ${version}`,
    because,
    ...(command !== undefined && { command }),
    ...(port !== undefined && { port }),
    dockerfile: [
      `FROM python:${version}-slim`,
      'WORKDIR /app',
      '# What it writes is seen at once.',
      'ENV PYTHONUNBUFFERED=1',
      ...installation(texts, command?.[0] === 'uvicorn' && !libraries.includes('uvicorn')),
      'COPY . .',
      ...(isInstalled(texts) ? ['RUN pip install --no-cache-dir .'] : []),
    ],
    ignored: ['__pycache__', '*.pyc', '.venv', 'venv', '.pytest_cache'],
    libraries,
  };
}

/** A program that needs nothing has no list of what it needs. */
function bareProgram(folder: Folder): string | undefined {
  return folder.files.includes('package.json')
    ? undefined
    : firstOf(folder, ['app.py', 'main.py', 'server.py']);
}

interface Start {
  readonly command?: readonly string[];
  readonly port?: number;
}

function startOf(folder: Folder, libraries: readonly string[], file: string | undefined): Start {
  if (folder.files.includes('manage.py'))
    return { command: ['python', 'manage.py', 'runserver', '0.0.0.0:8000'], port: 8000 };
  const port = portInSources(folder, /\.py$/, ports, file);
  const web = applicationIn(folder);
  const at = String(port ?? (web?.kind === 'Flask' ? 5000 : 8000));
  if (web?.kind === 'Flask')
    return {
      command: ['flask', '--app', web.module, 'run', '--host', '0.0.0.0', '--port', at],
      port: Number(at),
    };
  if (web !== undefined && libraries.some((name) => name === 'uvicorn' || name === 'fastapi')) {
    const application = `${web.module}:${web.variable}`;
    return { command: ['uvicorn', application, '--host', '0.0.0.0', '--port', at], port: Number(at) };
  }
  if (file === undefined) return port === undefined ? {} : { port };
  return { command: ['python', file], ...(port !== undefined && { port }) };
}

/** Where the application of a framework is made: `app = Flask(__name__)`. */
function applicationIn({ texts }: Folder): { kind: string; module: string; variable: string } | undefined {
  for (const [file, text] of texts) {
    if (!/^\w+\.py$/.test(file)) continue;
    const [, variable, kind] =
      /^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(Flask|FastAPI|Starlette)\(/m.exec(text) ?? [];
    if (variable !== undefined && kind !== undefined)
      return { kind, module: file.replace(/\.py$/, ''), variable };
  }
  return undefined;
}

function librariesIn({ texts }: Folder): readonly string[] {
  const lines = (texts.get('requirements.txt') ?? '').split('\n');
  const required = lines.flatMap((line) => /^\s*([A-Za-z0-9._-]+)/.exec(line)?.[1] ?? []);
  const quoted = [
    ...(texts.get('pyproject.toml') ?? '').matchAll(/^\s*["']([A-Za-z0-9._-]+)|^([A-Za-z0-9._-]+)\s*=/gm),
  ];
  const piped = [...(texts.get('Pipfile') ?? '').matchAll(/^([A-Za-z0-9._-]+)\s*=/gm)];
  return [...required, ...[...quoted, ...piped].map(([, one, other]) => one ?? other ?? '')].map((name) =>
    name.toLowerCase(),
  );
}

function installation(texts: Folder['texts'], addsUvicorn: boolean): readonly string[] {
  const more = addsUvicorn ? ' uvicorn' : '';
  const required = texts.get('requirements.txt');
  if (required === undefined || !/^\s*[^#\s]/m.test(required))
    return addsUvicorn ? ['RUN pip install --no-cache-dir uvicorn'] : [];
  return ['COPY requirements.txt ./', `RUN pip install --no-cache-dir -r requirements.txt${more}`];
}

/** A project that can be built installs what it needs, too. */
function isInstalled(texts: Folder['texts']): boolean {
  return (
    !texts.has('requirements.txt') && /^\[(?:project|build-system)\]/m.test(texts.get('pyproject.toml') ?? '')
  );
}

function versionOf({ texts }: Folder): string {
  const [version] = /^3\.\d+/.exec(texts.get('.python-version') ?? '') ?? [];
  return version ?? '3.12';
}
