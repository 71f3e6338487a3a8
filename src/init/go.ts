import type { Folder } from './folder.ts';
import type { Described } from './program.ts';
import { portInSources } from './source.ts';

/** How a Go program is built and started. */
export function goProgram(folder: Folder): Described | undefined {
  const module = folder.texts.get('go.mod');
  if (module === undefined) return undefined;
  const [, version = '1'] = /^go\s+(1\.\d+)/m.exec(module) ?? [];
  const isMain = [...folder.texts].some(
    ([file, text]) => /^[^/]+\.go$/.test(file) && /^package main\b/m.test(text),
  );
  const port = portInSources(folder, /\.go$/, [/["'`][\w.]*:(\d{2,5})["'`]/, /\bport\b\W+(\d{2,5})/i]);
  const sums = folder.files.includes('go.sum') ? 'go.mod go.sum' : 'go.mod';
  return {
    what: `Go ${version}`,
    because: 'go.mod',
    ...(isMain && { command: ['/bin/app'] }),
    ...(port !== undefined && { port }),
    dockerfile: [
      `FROM golang:${version} AS build`,
      'WORKDIR /src',
      `COPY ${sums} ./`,
      'RUN go mod download',
      'COPY . .',
      'RUN CGO_ENABLED=0 go build -o /bin/app .',
      '',
      'FROM debian:bookworm-slim',
      'COPY --from=build /bin/app /bin/app',
    ],
    ignored: ['bin'],
    libraries: [...module.matchAll(/^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/\S+)\s+v/gm)].map(
      ([, name = '']) => name,
    ),
  };
}
