/**
 * `npm run screenshots [NAME…]`: draws the pictures of the README, all or those named, from the real program in a real
 * terminal: on the example stack, and on a small one of which a service does not start.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { label } from '../../src/model/labels.ts';
import { type CoinsProject, countAbove, createCoins } from '../helpers/coins.ts';
import { film, renderFilm } from '../helpers/pictures/film.ts';
import { readScreen, withoutEmptyEnd } from '../helpers/pictures/screen.ts';
import { renderStill } from '../helpers/pictures/still.ts';
import { createProject, launcher, type TestProject, testLabel } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { engineRequest, labelled } from './api.ts';
import { type LabEngine, withEngine } from './engine.ts';
import { main } from './main.ts';
import { repository } from './places.ts';
import { say } from './say.ts';

const pictures = ['up', 'timeline', 'full', 'stack', 'failed'] as const;
type Picture = (typeof pictures)[number];

const folder = path.join(repository, 'docs');
const patience = 300_000;
const page = 'http://127.0.0.1:8000';

/** The shell waits for a command. */
const prompt = /\$\s*$/;
const keys = { down: '\u001B[B', enter: '\r', interrupt: '\u0003' } as const;

await main(async () => {
  const wanted = readWanted(process.argv.slice(2));
  await withEngine(async (engine) => {
    Object.assign(process.env, engine.env);
    mkdirSync(folder, { recursive: true });
    if (wanted.has('failed')) await drawFailure(engine);
    if (wanted.size > (wanted.has('failed') ? 1 : 0)) await drawCoins(wanted, engine);
  }, say);
  return 0;
});

function readWanted(words: readonly string[]): ReadonlySet<Picture> {
  const unknown = words.find((word) => !pictures.some((picture) => picture === word));
  if (unknown !== undefined)
    throw new Error(`No such picture: ${unknown}. There are ${pictures.join(', ')}.`);
  return new Set(pictures.filter((picture) => words.length === 0 || words.includes(picture)));
}

async function drawCoins(wanted: ReadonlySet<Picture>, engine: LabEngine): Promise<void> {
  await refuseToReplace('coins', engine);
  const coins = await createCoins();
  Object.assign(coins.environment, { COMPOSE_PROJECT_NAME: 'coins', COINS_PORT: '8000' });
  try {
    // The first start is to be seen, with its builds.
    await coins.run(['down', '--volumes', '--rmi', 'local']);
    await inShell(coins, { columns: 100, rows: 28 }, async (shell) => {
      await enter(shell, 'stack up');
      await shell.waitFor(/watching the files of/, patience);
      await countAbove(page, 20, patience);
      await edit(coins, shell);
      const rows = shell.lines().length;
      await shell.waitFor(() => shell.lines().length > rows + 3, patience);
      if (wanted.has('up')) keepStill('up', shell, 'stack up');
      await interrupt(shell);
      if (!wanted.has('timeline')) return;
      await enter(shell, 'clear');
      await enter(shell, 'stack timeline');
      await shell.waitFor(prompt, patience);
      keepStill('timeline', shell, 'stack timeline');
    });
    if (wanted.has('full')) await inShell(coins, { columns: 120, rows: 36 }, drawFull);
    await coins.run(['down', '--volumes']);
    coins.write('rng/rng.py', readFileSync(path.join(repository, 'fixtures/coins/rng/rng.py'), 'utf8'));
    await coins.run(['build', 'rng']);
    if (wanted.has('stack')) await inShell(coins, { columns: 100, rows: 28 }, drawFilm);
  } finally {
    await coins.run(['down', '--volumes', '--rmi', 'local']);
    await coins.remove();
  }
}

/** A few services, their logs, and what they use, a while after they have come up. */
async function drawFull(shell: Terminal): Promise<void> {
  await enter(shell, 'stack --ui full up --scale worker=2');
  await shell.waitFor(/6\/6 ready|5\/5 ready/, patience);
  await countAbove(page, 300, patience);
  keepStill('full', shell, 'stack --ui full up');
  await interrupt(shell);
}

/** From nothing but images that are there, as on every day but the first. */
async function drawFilm(shell: Terminal, coins: CoinsProject): Promise<void> {
  await shell.waitFor(prompt, patience);
  const camera = film(shell.emulator, 400);
  await moment(800);
  await enter(shell, 'stack up');
  await shell.waitFor(/5\/5 ready/, patience);
  await shell.waitFor(/hashes\/s/, patience);
  await moment(2000);
  await edit(coins, shell);
  await moment(2500);
  shell.type('f');
  await shell.waitFor(() => shell.emulator.buffer.active.type === 'alternate', patience);
  await moment(3000);
  for (let times = 0; times < 2; times++) {
    shell.type(keys.down);
    await moment(1000);
  }
  shell.type(keys.enter);
  await moment(2500);
  camera.pose();
  shell.type('f');
  await shell.waitFor(() => shell.emulator.buffer.active.type === 'normal', patience);
  await moment(2000);
  keep('stack', shell, renderFilm(camera.stop(), 'stack up'));
  await interrupt(shell);
}

/** A service that ends at once, because of what its author forgot. */
async function drawFailure(engine: LabEngine): Promise<void> {
  await refuseToReplace('shop', engine);
  const labels = `labels: [${testLabel}=1]`;
  const shop = createProject({
    file: `services:
  db:
    image: busybox
    ${labels}
    stop_grace_period: 0s
    command: [sh, -c, "echo ready for connections; exec sleep 1d"]
    healthcheck: { test: [CMD, "true"], interval: 1s }
  api:
    build: { context: ./api, ${labels} }
    ${labels}
    depends_on:
      db: { condition: service_healthy }
    healthcheck: { test: [CMD, node, -e, "fetch('http://localhost')"], interval: 1s }
  web:
    image: busybox
    ${labels}
    command: [httpd, -f, -v]
    depends_on:
      api: { condition: service_healthy }
networks:
  default: { ${labels} }
`,
  });
  Object.assign(shop.environment, { COMPOSE_PROJECT_NAME: 'shop' });
  shop.write(
    'api/Dockerfile',
    `FROM node:24-slim
WORKDIR /app
COPY server.js ./
CMD nodemon server.js
`,
  );
  shop.write('api/server.js', 'require("http").createServer().listen(80);\n');
  try {
    await shop.run(['build']);
    await inShell(shop, { columns: 80, rows: 24 }, async (shell) => {
      await enter(shell, 'stack up');
      await shell.waitFor(/api +failed/, patience);
      await moment(2000);
      keepStill('failed', shell, 'stack up');
      await interrupt(shell);
    });
  } finally {
    await shop.run(['down', '--volumes', '--rmi', 'local']);
    await shop.remove();
  }
}

/** The pictures show names that someone may have given to something else. */
async function refuseToReplace(name: string, { host }: LabEngine): Promise<void> {
  const there = `/containers/json?all=1&${labelled(`${label.project}=${name}`)}`;
  if ((await engineRequest<unknown[]>(host, 'GET', there)).length > 0)
    throw new Error(`The engine has containers of a project named ${name}; take it down first.`);
}

/** An interactive shell in the project's folder, in which the program is called `stack`. */
async function inShell<P extends TestProject>(
  project: P,
  size: { readonly columns: number; readonly rows: number },
  use: (shell: Terminal, project: P) => Promise<void>,
): Promise<void> {
  project.write('.profile', `stack() { '${process.execPath}' '${launcher}' "$@"; }\n`);
  const shell = openTerminal({
    command: 'sh',
    args: ['-i'],
    cwd: project.directory,
    env: {
      ...project.environment,
      ENV: path.join(project.directory, '.profile'),
      PS1: '$ ',
      COLORTERM: 'truecolor',
    },
    ...size,
  });
  try {
    await use(shell, project);
    shell.type('exit\r');
    await shell.exit;
  } finally {
    shell.dispose();
  }
}

async function enter(shell: Terminal, command: string): Promise<void> {
  await shell.waitFor(prompt, patience);
  for (const key of `${command}\r`) {
    shell.type(key);
    await moment(60);
  }
}

/** Ends the program, after which the shell waits for a command. */
async function interrupt(shell: Terminal): Promise<void> {
  shell.type(keys.interrupt);
  await shell.waitFor(prompt, patience);
}

/** Changes a source file of the example. */
async function edit(coins: CoinsProject, shell: Terminal): Promise<void> {
  const source = readFileSync(path.join(coins.directory, 'rng/rng.py'), 'utf8');
  coins.write('rng/rng.py', source.replace(/^LABEL = "(.*)"$/m, 'LABEL = "rng, edited"'));
  await shell.waitFor(/rebuilt in/, patience);
}

/** For those who watch: what is shown next is not to come at once. */
function moment(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function keepStill(name: Picture, terminal: Terminal, title: string): void {
  keep(name, terminal, renderStill(withoutEmptyEnd(readScreen(terminal.emulator)), title));
}

/** Writes a picture, unless it tells of the machine on which it was made. */
function keep(name: Picture, terminal: Terminal, picture: string): void {
  // A host's name that is short is a word like others.
  const host = os.hostname().length > 4 ? [os.hostname()] : [];
  const secrets = [os.tmpdir(), os.homedir(), repository, process.env.DOCKER_HOST ?? '', ...host];
  const told = secrets.find((text) => text.length > 1 && picture.includes(text));
  if (told !== undefined)
    throw new Error(`The picture ${name} tells of this machine: ${told}\n${terminal.screen().join('\n')}`);
  const file = path.join(folder, `${name}.svg`);
  writeFileSync(file, picture);
  say(`${path.relative(process.cwd(), file)}: ${Math.round(picture.length / 1024)} KB`);
}
