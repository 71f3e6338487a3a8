import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../helpers/terminal.ts';
import { createPlayer, type Player } from './player.ts';

let player: Player;
beforeAll(async () => {
  player = await createPlayer();
});
afterAll(() => player.dispose());

const interrupt = '\u0003';

/** The rows that have text. What still goes on takes as long as the machine needs. */
function shown(rows: readonly string[]): string {
  const last = rows.findLastIndex((row) => row !== '');
  return rows
    .slice(0, last + 1)
    .join('\n')
    .replaceAll(/(?<![\d.])\d+s\b/g, 'Ns');
}

async function screenOf(terminal: Terminal, wanted: RegExp): Promise<string> {
  return shown(await terminal.waitFor(wanted));
}

describe('the inline screen tells what each service does', () => {
  const sizes = [
    { columns: 80, rows: 24 },
    { columns: 40, rows: 10 },
    { columns: 120, rows: 40 },
  ];
  for (const { columns, rows } of sizes) {
    const size = { columns, rows };
    test(`while it starts, on ${columns} by ${rows}`, async () => {
      const terminal = player.play({ recording: 'waiting', detach: true }, size);
      expect(await screenOf(terminal, /1\/5 ready[\s\S]*detach/)).toMatchSnapshot();
    });
    test(`when all is ready, on ${columns} by ${rows}`, async () => {
      const terminal = player.play({ recording: 'ready', detach: true }, size);
      expect(await screenOf(terminal, /5\/5 ready[\s\S]*detach/)).toMatchSnapshot();
    });
    test(`when a save does not build, on ${columns} by ${rows}`, async () => {
      const terminal = player.play({ recording: 'broken', detach: true }, size);
      expect(await screenOf(terminal, /4\/5 ready[\s\S]*detach/)).toMatchSnapshot();
    });
    test(`when there are more services than rows, on ${columns} by ${rows}`, async () => {
      const terminal = player.play({ recording: 'crowd', detach: true }, size);
      expect(await screenOf(terminal, /22\/24 ready[\s\S]*detach/)).toMatchSnapshot();
    });
  }

  test('with one line on a screen that is too small for more', async () => {
    const terminal = player.play({ recording: 'waiting' }, { columns: 30, rows: 6 });
    expect((await terminal.waitFor(/1\/5 ready/)).filter((row) => row !== '').at(-1)).toMatch(
      /^coins {2}1\/5 ready/,
    );
  });

  test('in ASCII alone if asked', async () => {
    const terminal = player.play({ recording: 'rebuilding', ascii: true });
    await terminal.waitFor(/building rng[\s\S]*\^C/);
    expect(terminal.lines().filter((line) => /[^ -~]/.test(line))).toEqual([]);
  });

  test('in colour if asked, with addresses as links', async () => {
    const terminal = player.play({ recording: 'ready', colour: true });
    await terminal.waitFor(/5\/5 ready[\s\S]*\^C/);
    expect(terminal.raw()).toContain('\u001B]8;;http://127.0.0.1:8000\u0007');
    expect(terminal.serialize()).toContain('\u001B[32m●');
  });

  test('without a single colour if not', async () => {
    const terminal = player.play({ recording: 'broken' });
    await terminal.waitFor(/4\/5 ready[\s\S]*\^C/);
    expect(terminal.raw()).not.toMatch(/\[[0-9;]*m/);
  });
});

describe('leaving the inline screen', () => {
  test('by Ctrl-C reaches the program, takes the footer away and leaves the summary', async () => {
    const terminal = player.play({ recording: 'crashed', detach: true });
    await terminal.waitFor(/4\/5 ready[\s\S]*detach/);
    terminal.type(interrupt);
    const { code } = await terminal.exit;
    expect(code).toBe(0);
    expect(shown(terminal.lines())).toMatchSnapshot();
    expect(terminal.isCursorVisible()).toBe(true);
  });

  test('leaves a summary of which no row is wider than the screen', async () => {
    const terminal = player.play({ recording: 'broken' }, { columns: 60 });
    await terminal.waitFor(/4\/5 ready[\s\S]*\^C/);
    terminal.type(interrupt);
    await terminal.exit;
    expect(terminal.lines()).toContain('  ✗ rng     failed   the former container runs on');
  });

  test('by q detaches if that is offered', async () => {
    const terminal = player.play({ recording: 'ready', detach: true });
    await terminal.waitFor(/5\/5 ready[\s\S]*detach/);
    terminal.type('q');
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
    expect(terminal.lines()).toContain('detached, raw mode off');
  });

  test('gives the terminal back as it was', async () => {
    const play = player.commandLine({ recording: 'ready' });
    const script = `stty -a >/dev/null; before=$(stty -g); ${play}; test "$before" = "$(stty -g)" && echo restored`;
    const terminal = player.shell(script);
    await terminal.waitFor(/5\/5 ready[\s\S]*\^C/);
    expect(terminal.isCursorVisible()).toBe(false);
    terminal.type(interrupt);
    await terminal.waitFor(/^restored$/m);
    expect(terminal.isCursorVisible()).toBe(true);
  });

  test('works without a keyboard', async () => {
    const terminal = player.shell(`${player.commandLine({ recording: 'ready' })} </dev/null`);
    const screen = await terminal.waitFor(/webui +running/);
    expect(screen.join('\n')).not.toContain('^C stop');
    terminal.type(interrupt);
    await terminal.waitFor(/signalled/);
    expect(terminal.isCursorVisible()).toBe(true);
  });
});

describe('the scrollback', () => {
  test('holds every line of a flood once and in order, whatever the size does meanwhile', async () => {
    const flood = 12_000;
    const terminal = player.play({ recording: 'ready', flood });
    let title = '';
    terminal.emulator.onTitleChange((changed) => {
      title = changed;
    });
    for (const [columns, rows] of [
      [100, 30],
      [60, 12],
      [40, 10],
      [120, 40],
      [70, 20],
    ] as const) {
      const seen = terminal.raw().length;
      await terminal.waitFor(() => terminal.raw().length > seen + 3000);
      await terminal.resize(columns, rows);
      // Rows that are erased because of one size must not reach a terminal that has the next one.
      await terminal.waitFor(() => title === `${columns}x${rows}`);
    }
    await terminal.waitFor(/flood over[\s\S]*\^C/);
    terminal.type(interrupt);
    await terminal.exit;
    const numbers = terminal.lines().flatMap((line) => /^worker-1 +│ line (\d+)/.exec(line)?.[1] ?? []);
    expect(numbers.map(Number)).toEqual(Array.from({ length: flood }, (_, index) => index));
    // Nothing of an old footer is left between the logs.
    expect(terminal.lines().filter((line) => line.startsWith('coins '))).toEqual(['coins  5/5 ready']);
  });

  test('is written to in few large pieces and not at all when nothing happens', async () => {
    const terminal = player.play({ recording: 'ready' });
    await terminal.waitFor(/5\/5 ready[\s\S]*\^C/);
    // One that draws by itself is never silent for so long.
    await terminal.silence(2500);
  });
});
