/**
 * `npm run demo`: brings up fixtures/coins, by an engine of this machine or a private one, until Ctrl-C; then nothing
 * of it is left running. Arguments go to `stack up`.
 */
import { join } from 'node:path';
import { label } from '../../src/model/labels.ts';
import { engineRequest, labelled } from './api.ts';
import { type LabEngine, withEngine } from './engine.ts';
import { main } from './main.ts';
import { repository } from './places.ts';
import { say } from './say.ts';
import { runInForeground } from './shell.ts';

await main(() => withEngine(demo, say));

async function demo(engine: LabEngine): Promise<number> {
  const env = { ...process.env, ...engine.env };
  const folder = join(repository, 'fixtures/coins');
  const stack = (...args: string[]) =>
    runInForeground(
      process.execPath,
      [join(repository, 'bin/stack.js'), '-f', join(folder, 'stack.yaml'), ...args],
      { env },
    );
  say(
    `${engine.private ? 'Private engine' : 'Engine'} at ${engine.host}; Ctrl-C ends the demo and removes it all`,
  );
  const code = await stack('up', ...process.argv.slice(2));
  const left = `/containers/json?all=1&${labelled(`${label.workingDir}=${folder}`)}`;
  const containers = await engineRequest<unknown[]>(engine.host, 'GET', left);
  if (containers.length > 0) await stack('down', '--volumes', '--yes');
  return code === 130 ? 0 : code;
}
