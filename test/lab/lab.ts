/**
 * The private Docker engine, for developers:
 *
 *     node test/lab/lab.ts up        start it (installing it first if need be); it stays until `down`
 *     node test/lab/lab.ts env       print its environment: eval "$(node test/lab/lab.ts env)"
 *     node test/lab/lab.ts status    say whether it runs and why
 *     node test/lab/lab.ts down      stop it, now or with the last test run that uses it
 *
 * `npm test` and `npm run demo` need none of this: they find the engine of the machine or start this one themselves.
 */
import { dockerHost } from './dockerd.ts';
import { privateEngine, unbroken } from './engine.ts';
import { main } from './main.ts';
import { acquirePrivateEngine, keepPrivateEngine, privateEngineState, toolsInUse } from './private.ts';
import { say } from './say.ts';

await main(async () => {
  switch (process.argv[2]) {
    case 'up':
      await unbroken(up);
      return 0;
    case 'down':
      await unbroken(() => keepPrivateEngine(false, say));
      return status();
    case 'env':
      return env();
    case 'status':
      return status();
    default:
      throw new Error('Usage: node test/lab/lab.ts up|down|env|status');
  }
});

async function up(interruption: AbortSignal): Promise<void> {
  const { release } = await acquirePrivateEngine(say, interruption);
  if (!interruption.aborted) await keepPrivateEngine(true, say);
  await release();
  interruption.throwIfAborted();
  say(`DOCKER_HOST=${dockerHost}`);
}

async function env(): Promise<number> {
  if ((await privateEngineState()) === 'stopped') throw new Error('The private engine is not running.');
  for (const [name, value] of Object.entries(privateEngine(await toolsInUse()).env))
    say(`export ${name}='${value}'`);
  return 0;
}

async function status(): Promise<number> {
  const words = {
    stopped: 'The private engine is not running.',
    kept: `The private engine runs at ${dockerHost} until "down".`,
    used: `The private engine runs at ${dockerHost} until its last user ends.`,
    left: `The private engine runs at ${dockerHost}, left by a run that was killed; the next run or "down" stops it.`,
  };
  say(words[await privateEngineState()]);
  return 0;
}
