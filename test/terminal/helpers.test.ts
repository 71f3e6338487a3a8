import { afterEach, expect, test } from 'vitest';
import { film, renderFilm, withoutWaits } from '../helpers/pictures/film.ts';
import { readScreen } from '../helpers/pictures/screen.ts';
import { renderStill } from '../helpers/pictures/still.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let terminal: Terminal | undefined;
afterEach(() => terminal?.dispose());

function shell(script: string, columns = 40): Terminal {
  terminal = openTerminal({ command: 'sh', args: ['-c', script], columns, rows: 6 });
  return terminal;
}

test('a terminal shows, types, resizes and tells how the program ended', async () => {
  const { waitFor, type, resize, exit } = shell(
    'read a; stty size; echo "got $a"; read b; stty size; exit 3',
  );
  type('one\r');
  await waitFor(/^6 40$/m);
  await waitFor(/^got one$/m);
  await resize(50, 9);
  type('two\r');
  await waitFor(/^9 50$/m);
  expect(await exit).toEqual({ code: 3, signal: 0 });
});

test('a terminal joins the lines it broke and keeps what scrolled away', async () => {
  const { exit, lines, scrollback, screen } = shell('seq 1 9; printf %060d 7; echo');
  await exit;
  expect(lines().slice(0, 10)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '7'.padStart(60, '0')]);
  expect(scrollback()).toHaveLength(12);
  expect(screen()).toHaveLength(6);
});

test('a wait that is in vain shows the screen', async () => {
  const { waitFor } = shell('echo hello; sleep 5');
  await waitFor(/hello/);
  await expect(waitFor(/bye/, 50)).rejects.toThrow(/50 ms went by[\s\S]*\| hello/);
});

test('a screen becomes a picture', async () => {
  const { exit, emulator } = shell(
    `printf '\\033[31m●\\033[0m <b> & \\033[1;7mbold\\033[0m\\033[38;5;196mx'`,
  );
  await exit;
  const svg = renderStill(readScreen(emulator), 'stack up');
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="368"/);
  expect(svg).toContain('fill="#f0717b">●</text>');
  expect(svg).toContain('&lt;b&gt; &amp;</text>');
  expect(svg).toContain('fill="#12161d" font-weight="bold">bold</text>');
  expect(svg).toContain('fill="rgb(255,0,0)">x</text>');
});

test('what a terminal shows over time becomes a film, in which nothing is written twice', async () => {
  const { exit, emulator, type, waitFor } = shell('echo always there; read a; echo gone on');
  await waitFor(/always there/);
  const camera = film(emulator, 1);
  camera.pose();
  type('\r');
  await exit;
  const { frames, poster, length } = camera.stop();
  const text = frames.map(({ screen }) => screen.rows.flat().map((run) => run.text));
  expect(text[0]).toEqual(['always there']);
  expect(text.at(-1)).toEqual(['always there', 'gone on']);
  expect(poster).toBe(0);
  const svg = renderFilm({ frames, poster, length }, 'stack up');
  expect(svg.match(/>always there</g)).toHaveLength(1);
  const keyframes = svg.match(/%\{transform:translateX\(-?\d+px\)\}/g);
  expect(keyframes).toHaveLength(frames.length);
  expect(svg).toContain(`<g transform="translate(${(frames.length - 1) * 336})">`);
  expect(svg).not.toMatch(/<script|href="(?!#)/);
});

test('a film does not wait as long as its makers did', async () => {
  const { exit, emulator } = shell('exit');
  await exit;
  const screen = readScreen(emulator);
  const frames = [0, 100, 60_100, 60_200].map((at) => ({ screen, at }));
  expect(withoutWaits(frames, 62_000)).toMatchObject({
    frames: [{ at: 0 }, { at: 100 }, { at: 2600 }, { at: 2700 }],
    length: 4500,
  });
});
