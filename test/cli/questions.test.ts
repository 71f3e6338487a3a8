import { PassThrough, Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { questionsOn } from '../../src/cli/questions.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('what is secret is asked for when the terminal shows nothing of it any more, not before', async () => {
  const told: string[] = [];
  const setRawMode = (isRaw: boolean) => told.push(isRaw ? 'shows nothing' : 'shows all');
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as unknown as typeof process.stdin);
  const screen = new Writable({
    write(text, _, done) {
      told.push(String(text));
      done();
    },
  });
  const questions = questionsOn(screen, new AbortController().signal);
  stdin.write('s3cret\r');
  expect(await questions.askFor('password: ', 'hidden')).toBe('s3cret');
  questions.end();
  expect(told).toEqual(['shows nothing', 'password: ', 'shows all', '\n']);
});
