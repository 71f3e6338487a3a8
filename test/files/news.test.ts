import { expect, test } from 'vitest';
import { createNews } from '../../src/files/news.ts';
import { failure } from '../../src/model/problem.ts';

test('what comes while the reader is busy is told together, each path once', async () => {
  const news = createNews(new AbortController().signal);
  news.add(['first']);
  expect(await news.take()).toEqual(['first']);
  news.add(['second']);
  news.add(['third', 'second']);
  expect(await news.take()).toEqual(['second', 'third']);
});

test('a reader who waits gets what comes, a failure, or the end', async () => {
  const stop = new AbortController();
  const news = createNews(stop.signal);
  const waiting = news.take();
  news.add(['first']);
  expect(await waiting).toEqual(['first']);
  const failing = news.take();
  news.fail(failure({ code: 'watch-failed', message: 'no more' }));
  await expect(failing).rejects.toThrow('no more');
  stop.abort();
  expect(await news.take()).toBeUndefined();
});
