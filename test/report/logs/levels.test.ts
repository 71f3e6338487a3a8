import { expect, test } from 'vitest';
import { createLevelReader, type Level, levelOfText } from '../../../src/report/logs/levels.ts';

const told: Readonly<Record<Level | 'nothing', readonly string[]>> = {
  trace: ['{"level":10,"msg":"pino"}', 'trce: Microsoft.Hosting[0]', '2026-01-01 TRACE x'],
  debug: ['{"level":20,"msg":"pino"}', '[12:00:00 DBG] serilog', 'DEBUG (app): x', 'ts=1 lvl=debug msg=x'],
  info: [
    '{"level":30,"time":1531171074631,"msg":"pino","pid":657}',
    '{"t":{"$date":"2026-01-01"},"s":"I","c":"NETWORK","msg":"Listening"}',
    '2026-01-01 12:00:00.123  INFO 1 --- [main] c.e.App : spring',
    '[2026-01-01 00:00:00 +0000] [1] [INFO] gunicorn',
    'INFO:     Started server process [1]',
    'I, [2026-01-01T00:00:00.000000 #1]  INFO -- : rails',
    '2026-01-01 12:00:00.000 UTC [1] LOG:  database system is ready to accept connections',
    '2026/01/01 12:00:00 [notice] 1#1: nginx',
    '1:M 01 Jan 2026 12:00:00.000 * Ready to accept connections tcp',
    '2026-01-01T00:00:00.000000Z 0 [System] [MY-010116] [Server] mysqld',
    'I0102 12:00:00.000000       1 main.go:3] klog',
    '    INFO padded by the logger',
    '[mpm_event:notice] [pid 1:tid 1] AH00489',
    'info: request had ERROR code',
    'INFO[0000] logrus on a terminal',
  ],
  warn: [
    '{"level":"warn","ts":1,"caller":"x.go:1","msg":"zap"}',
    'time="2026-01-01" level=warning msg="logrus"',
    '2026-01-01 12:00:00,123 - name - WARNING - python',
    'npm warn deprecated x',
    '(node:12) [DEP0040] DeprecationWarning: punycode',
    '/app/x.py:3: DeprecationWarning: old',
    'PHP Warning:  Undefined variable',
    'src/x.c:1:2: warning: unused',
    '{"level":4,"short_message":"gelf"}',
    'initdb: warning: enabling "trust" authentication',
    '1:M 01 Jan 2026 12:00:00.000 # WARNING Memory overcommit must be enabled!',
  ],
  error: [
    '{"name":"bunyan","hostname":"b","pid":1,"level":50,"msg":"x","v":0}',
    '{"severity":"ERROR","message":"cloud"}',
    'ts=1 caller=x level=error err="x"',
    '12:00:00.123 [main] ERROR com.foo.Bar - logback',
    'ERROR:root:python',
    '2026-01-01 12:00:00.000 UTC [1] FATAL:  role does not exist',
    '2026/01/01 12:00:00 [error] 7#7: *1 open() failed',
    '[core:error] [pid 1] apache',
    '<3>kernel: x',
    'npm ERR! code 1',
    'npm error code E404',
    'error: something',
    'fail: Microsoft.X[13]',
    'TypeError: x is undefined',
    'Error [ERR_MODULE_NOT_FOUND]: Cannot find module',
    'java.lang.IllegalStateException: boom',
    "app.rb:3:in 'foo': msg (RuntimeError)",
    'panic: boom',
    'PHP Fatal error:  Uncaught',
    'src/x.ts(1,2): error TS2304: no such name',
    'error[E0308]: mismatched types',
    ' ⨯ Error: of a framework',
    'ERRO[0000] logrus on a terminal',
  ],
  nothing: [
    'listening on port 3000',
    '1:C 21 Nov 2026 15:49:32.802 # Redis is starting',
    'payments: error rate is 0.1',
    ' * Running on http://0.0.0.0',
    'GET /INFO HTTP/1.1',
    '172.0.0.1 - - [01/Jan/2026] "GET / HTTP/1.1" 500 0',
    'X-DEBUG: 1',
    '0 ERROR found, no ERROR here',
    'errors: 0',
    'no problem',
    'warning about nothing',
    "SELECT * FROM logs WHERE level='ERROR'",
    '{"msg":"without a level"}',
    '',
  ],
};

test.each(
  Object.entries(told).flatMap(([level, lines]) => lines.map((line): [string, string] => [level, line])),
)('%s: %s', (level, line) => {
  expect(levelOfText(line) ?? 'nothing').toBe(level);
});

test('a level that is coloured is read', () => {
  expect(createLevelReader()('web-1', 'stdout', '\u001B[33mWARN\u001B[39m x', 1).level).toBe('warn');
});

/** Of each line the line it belongs to; 0 if it stands for itself. */
function headsOf(lines: readonly string[], stream: 'stdout' | 'stderr' = 'stderr'): readonly number[] {
  const read = createLevelReader();
  return lines.map((line, place) => read('web-1', stream, line, place + 1).head ?? 0);
}

const stacks: Readonly<Record<string, readonly string[]>> = {
  'Python, with what was raised while it was handled': [
    'Traceback (most recent call last):',
    '  File "x.py", line 1, in <module>',
    'app.errors.Declined: card',
    '',
    'During handling of the above exception, another exception occurred:',
    '',
    'Traceback (most recent call last):',
    '  File "x.py", line 3, in <module>',
    "KeyError: 'x'",
  ],
  'Python, logged': [
    'ERROR:root:failed',
    'Traceback (most recent call last):',
    '  File "x.py", line 1',
    'ZeroDivisionError: division by zero',
  ],
  Go: ['panic: boom', '', 'goroutine 1 [running]:', 'main.main()', '\t/app/main.go:5 +0x1d', 'exit status 2'],
  Java: [
    '2026-01-01 12:00:00 ERROR [main] x - failed',
    'java.lang.IllegalStateException: boom',
    '\tat a.b.C(D.java:1)',
    'Caused by: java.io.IOException: x',
    '\t... 12 more',
  ],
  Node: ['TypeError: a', '    at x (y.js:1:2) {', "  code: 'X'", '}', '', 'Node.js v24.0.0'],
  Rust: ["thread 'main' panicked at src/main.rs:2:5:", 'boom', 'note: run with `RUST_BACKTRACE=1`'],
  PostgreSQL: [
    '2026-01-01 12:00:00.000 UTC [1] ERROR:  relation "x" does not exist at character 1',
    '2026-01-01 12:00:00.000 UTC [1] STATEMENT:  select 1',
  ],
};

test.each(Object.entries(stacks))('a stack trace belongs to its error: %s', (_, lines) => {
  expect(headsOf(lines)).toEqual([0, ...lines.slice(1).map(() => 1)]);
  expect(headsOf([...lines, 'listening again']).at(-1)).toBe(0);
  expect(headsOf([...lines, 'INFO ready']).at(-1)).toBe(0);
});

test('errors that follow each other are several', () => {
  expect(headsOf(['Error: a', 'Error: b', '    at b'])).toEqual([0, 0, 2]);
});

test('a stack trace goes on though others write in between, and is as grave as its error', () => {
  const read = createLevelReader();
  expect(read('web-1', 'stderr', 'Error: a', 1)).toEqual({ level: 'error', head: undefined });
  expect(read('db-1', 'stderr', 'INFO x', 2)).toEqual({ level: 'info', head: undefined });
  expect(read('web-1', 'stdout', '  GET /', 3)).toEqual({ level: undefined, head: undefined });
  expect(read('web-1', 'stderr', '    at x', 4)).toEqual({ level: 'error', head: 1 });
});

test('what is written to stderr is no error for that', () => {
  expect(createLevelReader()('web-1', 'stderr', 'listening', 1).level).toBeUndefined();
});
