import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { questionsOn } from '../../src/cli/questions.ts';
import { guardTerminal, suspendProcess } from '../../src/cli/suspend.ts';
import type { EventBody } from '../../src/model/event.ts';
import { failure } from '../../src/model/problem.ts';
import { withResolvers } from '../../src/model/resolvers.ts';
import type { Desk, Order } from '../../src/terminal/desk.ts';
import { startDashboard } from '../../src/terminal/start.tsx';
import { directory, logs, recordings } from '../report/recording.ts';
import type { PlayOptions } from './play-options.ts';

/** Plays a recording until Ctrl-C, or `q` if there is such a key. */
const options = JSON.parse(process.argv[2] ?? '') as PlayOptions;
const {
  recording,
  colour = false,
  ascii = false,
  detach = false,
  flood = 0,
  rate,
  offers,
  readings,
} = options;
const { stdout, stdin } = process;

const left = withResolvers<string>();
// Where there is no keyboard, Ctrl-C is a signal; and nothing else would keep the program from ending.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => left.resolve('signalled'));
const keepAlive = setInterval(() => {}, 1000);

const given: Order[] = [];
const desk: Desk = {
  offers: (kind) => offers?.includes(kind) ?? false,
  async act(order, lend) {
    given.push(order);
    if (order.kind === options.throwsOn) {
      setImmediate(() => {
        throw new Error('thrown by the player');
      });
    }
    if (order.kind === 'rebuild')
      throw failure({ code: 'build-failed', message: 'no builder', hint: 'buy one' });
    if (order.kind === 'shell') {
      await lend(
        () =>
          new Promise((resolve) => {
            spawn('sh', ['-c', 'echo in the shell; read line; echo "read $line"'], { stdio: 'inherit' }).on(
              'exit',
              resolve,
            );
          }),
      );
      return 'the shell has ended';
    }
    if (order.kind === 'edit') {
      await lend(async () => {
        const questions = questionsOn(stdout, new AbortController().signal);
        await questions.ask('Enter goes back ');
        questions.end();
      });
      return 'it was edited';
    }
    return undefined;
  },
  async read(subject, service) {
    return readings?.[subject] ?? [`${subject} of ${service}`];
  },
  measure() {},
};

const dashboard = await startDashboard({
  stdout,
  stdin,
  colour,
  ascii,
  directory,
  onInterrupt: () => left.resolve('interrupted'),
  suspend: suspendProcess,
  ...(detach ? { onDetach: () => left.resolve('detached') } : {}),
  ...(options.ui === undefined ? {} : { ui: options.ui }),
  ...(options.keys === undefined ? {} : { keys: options.keys }),
  ...(offers === undefined && readings === undefined ? {} : { desk }),
});
guardTerminal(dashboard);
// After the dashboard has heard of it: what comes from here on is meant for this size.
stdout.on('resize', () => stdout.write(`\u001B]2;${stdout.columns}x${stdout.rows}\u0007`));

const events = recordings[recording];
// As if the last of it had happened just now.
const later = Date.now() - (events.at(-1)?.at ?? 0);
for (const event of events) dashboard.listener({ ...event, at: event.at + later });

const { usage } = options;
let before = process.cpuUsage();
let since = performance.now();
const meter =
  usage === undefined
    ? undefined
    : setInterval(() => {
        const { user, system } = process.cpuUsage(before);
        const took = performance.now() - since;
        appendFileSync(usage, `${((user + system) / 10 / took).toFixed(2)}\n`);
        before = process.cpuUsage();
        since = performance.now();
      }, 1000);

const tell = (event: EventBody): void => dashboard.listener({ ...event, at: Date.now() });
for (let line = 0; line < flood; line += 10) {
  const lines = Array.from(
    { length: 10 },
    (_, index) => `line ${line + index} ${'-'.repeat((line * 7) % 90)}`,
  );
  tell(logs('worker', lines));
  await new Promise((resolve) => setTimeout(resolve, rate === undefined ? 3 : 10_000 / rate));
}
if (flood > 0) tell(logs('worker', ['flood over']));

const by = await left.promise;
clearInterval(keepAlive);
clearInterval(meter);
await dashboard.stop();
stdout.write(`${by}, raw mode ${stdin.isRaw ? 'on' : 'off'}\n`);
for (const order of given) stdout.write(`order ${JSON.stringify(order)}\n`);
process.exit();
