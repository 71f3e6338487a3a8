import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../helpers/terminal.ts';
import { createPlayer, type Player } from './player.ts';

let player: Player;
beforeAll(async () => {
  player = await createPlayer();
});
afterAll(() => player.dispose());

const interrupt = '\u0003';
const wide = { columns: 120, rows: 30 };
const all = ['start', 'stop', 'restart', 'kill', 'scale', 'run', 'shell', 'down', 'rebuild'] as const;

function isFull(terminal: Terminal): boolean {
  return terminal.emulator.buffer.active.type === 'alternate';
}

async function opened(terminal: Terminal, wanted = /\^C stop/): Promise<string> {
  const rows = await terminal.waitFor((screen) => isFull(terminal) && wanted.test(screen.join('\n')));
  return rows.join('\n');
}

describe('the full screen', () => {
  test('is entered and left by a key; what was logged meanwhile is in the scrollback', async () => {
    // So much that most of it comes after the key, however slowly that is read.
    const terminal = player.play({ recording: 'ready', flood: 12_000 }, wide);
    await terminal.waitFor(/webui +running[\s\S]*f full/);
    terminal.type('f');
    await opened(terminal, /flood over/);
    expect(await opened(terminal)).toMatch(/>● rng +running/);
    terminal.type('f');
    await terminal.waitFor(
      (screen) => !isFull(terminal) && /flood over[\s\S]*\^C stop/.test(screen.join('\n')),
    );
    const lines = terminal.lines();
    const numbers = lines.flatMap((line) => /^worker-1 +│ line (\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(lines.some((line) => /^… [\d,]+ lines left out here: stack logs shows them$/.test(line))).toBe(
      true,
    );
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers.at(-1)).toBe(11_999);
    expect(numbers.length).toBeGreaterThanOrEqual(1000);
    terminal.type(interrupt);
    await terminal.exit;
    expect(terminal.lines()).toContain('interrupted, raw mode off');
  });

  test('is what it begins with if asked, and leaves logs and summary in the normal buffer', async () => {
    const terminal = player.play({ recording: 'crashed', ui: 'full', detach: true }, wide);
    expect(await opened(terminal)).toMatch(/✗ worker +failed/);
    expect(terminal.isCursorVisible()).toBe(false);
    terminal.type('q');
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
    expect(isFull(terminal)).toBe(false);
    expect(terminal.isCursorVisible()).toBe(true);
    const lines = terminal.lines();
    expect(lines).toContain('detached, raw mode off');
    expect(lines).toContain('coins  4/5 ready');
    expect(lines.some((line) => line.startsWith("worker-1 ┃ KeyError: 'coins'"))).toBe(true);
  });

  test('can be remapped', async () => {
    const keys = { 'screen.palette': ['ctrl-g'] };
    const terminal = player.play({ recording: 'ready', ui: 'full', keys }, wide);
    await opened(terminal, /\^G command/);
    terminal.type('\u0007');
    await terminal.waitFor(/back to the inline screen/);
  });

  test('fits after each change of size, while it is drawn to', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', flood: 20_000, rate: 2000 }, wide);
    await opened(terminal);
    for (const [columns, rows] of [
      [60, 15],
      [200, 60],
      [40, 10],
      [99, 24],
      [100, 24],
    ] as const) {
      await terminal.resize(columns, rows);
      const screen = await terminal.waitFor(
        (lines) =>
          lines.length === rows && /\^C stop$/.test(lines.at(-1) ?? '') && /^coins/.test(lines[0] ?? ''),
      );
      expect(screen.filter((line) => line.startsWith('coins '))).toHaveLength(1);
      expect(screen.filter((line) => line.includes('^C stop'))).toHaveLength(1);
    }
    await terminal.resize(30, 8);
    await terminal.waitFor(/^too small: 30x8$/m);
  });

  test('draws nothing while nothing happens', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full' }, wide);
    await opened(terminal);
    // One that draws by itself is never silent for so long.
    await terminal.silence(2500);
  });

  test('without colour has none, and only what every terminal shows if asked', async () => {
    const terminal = player.play({ recording: 'broken', ui: 'full', ascii: true }, wide);
    const screen = await opened(terminal);
    expect(screen).toMatch(/^[ -~\n]*$/);
    terminal.type(interrupt);
    await terminal.exit;
    expect(terminal.raw()).not.toMatch(/\[[0-9;]*m/);
  });

  test('shows colours and links otherwise', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', colour: true }, wide);
    await opened(terminal);
    expect(terminal.serialize()).toContain('\u001B[32m●');
    expect(terminal.raw()).toContain('\u001B]8;;http://127.0.0.1:8000\u0007');
  });
});

describe('what is ordered on the full screen', () => {
  async function ordersAfter(terminal: Terminal): Promise<readonly unknown[]> {
    terminal.type(interrupt);
    await terminal.exit;
    return terminal.lines().flatMap((line) => (line.startsWith('order ') ? [JSON.parse(line.slice(6))] : []));
  }

  test('by key is for the selected service', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', offers: all }, wide);
    await opened(terminal);
    terminal.type('jjr');
    await terminal.waitFor(/restart redis: done/);
    expect(await ordersAfter(terminal)).toEqual([{ kind: 'restart', services: ['redis'] }]);
  });

  test('by palette is found by some letters', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', offers: all }, wide);
    await opened(terminal);
    terminal.type(':stopwo');
    await terminal.waitFor(/^> stop worker/m);
    terminal.type('\r');
    await terminal.waitFor(/stop worker: done/);
    expect(await ordersAfter(terminal)).toEqual([{ kind: 'stop', services: ['worker'] }]);
  });

  test('is asked about if it is dangerous', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', offers: all }, wide);
    await opened(terminal);
    terminal.type('D');
    await terminal.waitFor(/y\/N stop and remove all/);
    terminal.type('n');
    await terminal.waitFor(/nothing was done/);
    terminal.type('K');
    await terminal.waitFor(/y\/N kill rng/);
    terminal.type('y');
    await terminal.waitFor(/kill rng: done/);
    expect(await ordersAfter(terminal)).toEqual([{ kind: 'kill', services: ['rng'] }]);
  });

  test('says why it could not be carried out', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', offers: all }, wide);
    await opened(terminal);
    terminal.type('b');
    await terminal.waitFor(/rebuild rng: no builder \(buy one\)/);
    terminal.type(interrupt);
    await terminal.exit;
  });

  test('is typed where it needs words; what is pasted is text', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', offers: all }, wide);
    await opened(terminal);
    terminal.type('R');
    await terminal.waitFor(/run in a new container of rng:/);
    terminal.type('\u001B[200~sh -c\u001B[201~ ls\r');
    await terminal.waitFor(/run rng sh -c ls: done/);
    terminal.type('\u001B[200~qD\u001B[201~');
    terminal.type('=3\r');
    await terminal.waitFor(/scale rng to 3: done/);
    expect(await ordersAfter(terminal)).toEqual([
      { kind: 'run', service: 'rng', text: 'sh -c ls' },
      { kind: 'scale', service: 'rng', count: 3 },
    ]);
  });

  test('has the terminal to itself in a shell, and the screen comes back', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', offers: all }, wide);
    await opened(terminal);
    terminal.type('s');
    await terminal.waitFor((screen) => !isFull(terminal) && screen.includes('in the shell'));
    expect(terminal.isCursorVisible()).toBe(true);
    terminal.type('q typed for the shell\r');
    await opened(terminal, /the shell has ended/);
    terminal.type(interrupt);
    await terminal.exit;
    expect(terminal.lines()).toContain('read q typed for the shell');
  });

  test('can ask a question, and keys are read again afterwards', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', offers: ['edit'] }, wide);
    await opened(terminal);
    terminal.type('e');
    await terminal.waitFor((screen) => !isFull(terminal) && screen.join('\n').includes('Enter goes back'));
    terminal.type('\r');
    await opened(terminal, /it was edited/);
    terminal.type('?');
    await opened(terminal, /in the list of services/);
  });

  test('is one order for a key that came twice at once: the second is not for who has given the terminal away', async () => {
    const terminal = player.play({ recording: 'ready', ui: 'full', offers: all }, wide);
    await opened(terminal);
    terminal.type('ss');
    await terminal.waitFor((screen) => !isFull(terminal) && screen.includes('in the shell'));
    terminal.type('\r');
    await opened(terminal, /the shell has ended/);
    expect(await ordersAfter(terminal)).toEqual([{ kind: 'shell', service: 'rng', number: 1 }]);
  });

  test('is looked up in tabs', async () => {
    const readings = { environment: ['A=\u001B[31mone\u001B[0m', 'B=two'] };
    const terminal = player.play({ recording: 'ready', ui: 'full', readings }, wide);
    await opened(terminal);
    terminal.type('E');
    await terminal.waitFor(/env: rng[\s\S]*A=one[\s\S]*B=two/);
    terminal.type('p');
    await terminal.waitFor(/why of rng[\s\S]*plan of rng/);
  });
});

describe('the terminal is given back as it was', () => {
  const restored = (play: string): string =>
    `stty -a >/dev/null; before=$(stty -g); ${play}; test "$before" = "$(stty -g)" && echo restored`;

  async function expectRestored(terminal: Terminal): Promise<void> {
    await terminal.waitFor(/^restored$/m);
    expect(isFull(terminal)).toBe(false);
    expect(terminal.isCursorVisible()).toBe(true);
    expect(terminal.lines().some((line) => /^coins {2}\d\/5 ready/.test(line))).toBe(true);
    expect(terminal.raw().endsWith('\u001B[?2004h')).toBe(false);
  }

  test('by Ctrl-C', async () => {
    const terminal = player.shell(restored(player.commandLine({ recording: 'ready', ui: 'full' })));
    await opened(terminal);
    terminal.type(interrupt);
    await expectRestored(terminal);
  });

  for (const signal of ['TERM', 'HUP']) {
    test(`by SIG${signal}`, async () => {
      const terminal = player.play({ recording: 'ready', ui: 'full' });
      await opened(terminal);
      process.kill(terminal.pid, `SIG${signal}`);
      expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
      expect(isFull(terminal)).toBe(false);
      expect(terminal.isCursorVisible()).toBe(true);
      expect(terminal.lines()).toContain('signalled, raw mode off');
    });
  }

  test('by an error that nobody has caught, which can be read then', async () => {
    const play = player.commandLine({
      recording: 'ready',
      ui: 'full',
      offers: ['restart'],
      throwsOn: 'restart',
    });
    const terminal = player.shell(restored(play));
    await opened(terminal);
    terminal.type('r');
    await expectRestored(terminal);
    expect(terminal.lines()).toContain('Error: thrown by the player');
  });

  for (const ui of ['inline', 'full'] as const) {
    test(`by Ctrl-Z on the ${ui} screen, and taken again by fg`, async () => {
      const terminal = player.interactiveShell();
      terminal.type(`${player.commandLine({ recording: 'ready', ui })}\r`);
      await terminal.waitFor(/webui +running/);
      await terminal.waitFor(
        (screen) => isFull(terminal) === (ui === 'full') && /\^C stop/.test(screen.join('\n')),
      );
      terminal.type('\u001A');
      await terminal.waitFor((screen) => !isFull(terminal) && /Stopped/.test(screen.join('\n')));
      expect(terminal.isCursorVisible()).toBe(true);
      await terminal.resize(90, 20);
      terminal.type('stty -a | grep -c -- " icanon"\r');
      await terminal.waitFor(/^1$/m);
      terminal.type('fg\r');
      // It has the size that the terminal was given meanwhile.
      await terminal.waitFor(
        (screen) =>
          isFull(terminal) === (ui === 'full') &&
          /\^C stop.*\s*$/.test(screen.join('\n')) &&
          (ui === 'inline' || /^coins +5\/5 ready/.test(screen[0] ?? '')),
      );
      expect(terminal.isCursorVisible()).toBe(false);
      terminal.type(interrupt);
      await terminal.waitFor(/interrupted, raw mode off/);
      terminal.type('exit\r');
      await terminal.exit;
    });
  }
});
