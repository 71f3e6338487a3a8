import type { Folder } from './folder.ts';
import type { Described } from './program.ts';
import { firstOf, portInSources } from './source.ts';

/** How a Ruby program is built and started. */
export function rubyProgram(folder: Folder): Described | undefined {
  const gems = folder.texts.get('Gemfile');
  if (gems === undefined) return undefined;
  const [, written = '3.3'] = /^(\d+\.\d+)/.exec(folder.texts.get('.ruby-version') ?? '') ?? [];
  const { command, port } = startOf(folder);
  const lock = folder.files.includes('Gemfile.lock') ? 'Gemfile Gemfile.lock' : 'Gemfile';
  return {
    what: `Ruby ${written}`,
    because: 'Gemfile',
    ...(command !== undefined && { command }),
    ...(port !== undefined && { port }),
    dockerfile: [
      `FROM ruby:${written}-slim`,
      '# Some libraries are compiled.',
      'RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev libyaml-dev \\',
      '    && rm -rf /var/lib/apt/lists/*',
      'WORKDIR /app',
      `COPY ${lock} ./`,
      'RUN bundle install',
      'COPY . .',
    ],
    ignored: ['log', 'tmp', '.bundle', 'vendor/bundle'],
    libraries: [...gems.matchAll(/^\s*gem\s+["']([\w-]+)/gm)].map(([, name = '']) => name),
  };
}

function startOf(folder: Folder): { readonly command?: readonly string[]; readonly port?: number } {
  if (folder.files.includes('bin/rails'))
    return { command: ['bundle', 'exec', 'rails', 'server', '-b', '0.0.0.0', '-p', '3000'], port: 3000 };
  if (folder.files.includes('config.ru'))
    return { command: ['bundle', 'exec', 'rackup', '-o', '0.0.0.0', '-p', '9292'], port: 9292 };
  const file = firstOf(folder, ['app.rb', 'main.rb', 'server.rb']);
  if (file === undefined) return {};
  const isSinatra = /require ['"]sinatra['"]/.test(folder.texts.get(file) ?? '');
  if (isSinatra)
    return { command: ['bundle', 'exec', 'ruby', file, '-o', '0.0.0.0', '-p', '4567'], port: 4567 };
  const port = portInSources(folder, /\.rb$/, [/\bport\b\W+(\d{2,5})/i], file);
  return { command: ['bundle', 'exec', 'ruby', file], ...(port !== undefined && { port }) };
}
