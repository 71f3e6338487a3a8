import { afterEach, expect, test } from 'vitest';
import { renderSvg } from '../helpers/svg.ts';
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
  const svg = renderSvg(emulator, { title: 'stack up' });
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="368"/);
  expect(svg).toContain('fill="#f0717b">●</text>');
  expect(svg).toContain('&lt;b&gt; &amp;</text>');
  expect(svg).toContain('fill="#12161d" font-weight="bold">bold</text>');
  expect(svg).toContain('fill="rgb(255,0,0)">x</text>');
});
