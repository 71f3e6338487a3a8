import type { EventBody } from '../../src/model/event.ts';
import { startDashboard } from '../../src/terminal/start.tsx';
import { directory, logs, recordings } from '../report/recording.ts';
import type { PlayOptions } from './play-options.ts';

/** Plays a recording on the inline screen until Ctrl-C, or `q` if there is such a key. */
const options = JSON.parse(process.argv[2] ?? '') as PlayOptions;
const { recording, colour = false, ascii = false, detach = false, flood = 0 } = options;
const { stdout, stdin } = process;

const left = Promise.withResolvers<string>();
// Where there is no keyboard, Ctrl-C is a signal; and nothing else would keep the program from ending.
process.on('SIGINT', () => left.resolve('signalled'));
const keepAlive = setInterval(() => {}, 1000);

const dashboard = await startDashboard({
  stdout,
  stdin,
  colour,
  ascii,
  directory,
  onInterrupt: () => left.resolve('interrupted'),
  ...(detach ? { onDetach: () => left.resolve('detached') } : {}),
});

const events = recordings[recording];
// As if the last of it had happened just now.
const later = Date.now() - (events.at(-1)?.at ?? 0);
for (const event of events) dashboard.listener({ ...event, at: event.at + later });

const tell = (event: EventBody): void => dashboard.listener({ ...event, at: Date.now() });
for (let line = 0; line < flood; line += 10) {
  const lines = Array.from(
    { length: 10 },
    (_, index) => `line ${line + index} ${'-'.repeat((line * 7) % 90)}`,
  );
  tell(logs('worker', lines));
  await new Promise((resolve) => setTimeout(resolve, 3));
}
if (flood > 0) tell(logs('worker', ['flood over']));

const by = await left.promise;
clearInterval(keepAlive);
await dashboard.stop();
stdout.write(`${by}, raw mode ${stdin.isRaw ? 'on' : 'off'}\n`);
