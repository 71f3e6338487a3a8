import { expect, test } from 'vitest';
import { sensitiveIn } from '../../src/commands/sensitive.ts';

// What Docker Compose 2.40.3 says of the same lines; it does not look at comments, but publishes them.
test.each([
  ['password=abcdefghijklmnopq', 'Keyword Detector'],
  ['token: 0123456789abcdef0123456789abcdefX', 'Keyword Detector'],
  ['  labels: {api.token: "0123456789abcdefghijKLMN"}', 'Keyword Detector'],
  ['# password: abcdefghijklmnopq', 'Keyword Detector'],
  ['aws_id=AKIA1234567890ABCDEF', 'AWS Client ID'],
  ['GH=ghp_aBcDeFgHiJkLmNoPqRsTuVwXyZ1234567890', 'Github authentication'],
  ['npm=//registry.npmjs.org/:_authToken=0af23f36-c523-4c87-b543-18ff3ed79bce', 'npm auth token'],
  ['auth=Basic ZDp6cg==', 'HTTP Basic Authentication'],
  ['url=https://user:p455w0rd@example.com/', 'URL with password'],
  ['stripe=sk_live_1234567890abcdefgHIJKLMN', 'Stripe API key'],
  ['hook=https://hooks.slack.com/services/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', 'Slack token'],
  ['rand=k8Jx02LmNq7Rt5Vw9Yz1Bc3De6Fg4HiKpLsOuAxCv', 'High entropy string'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', 'Private Key'],
])('%j is told', (text, type) => {
  expect(sensitiveIn(text)).toMatchObject([{ type }]);
});

test.each([
  'password=hunter2',
  'password=abcdefghijklmnop',
  'PASSWORD: ${PASSWORD}',
  'password_file: /run/secrets/a-long-name-0123456789abcdef',
  'url=https://${USER}:${PASSWORD}@example.com/',
  'image: registry.example.com/team/app:1.2.3-20240131',
  'plain=just some text',
])('%j is not', (text) => {
  expect(sensitiveIn(text)).toEqual([]);
});

test('it is told by its name', () => {
  expect(
    sensitiveIn('services:\n  web:\n    build: {args: {API_TOKEN: "0123456789abcdefghijKLMN"}}'),
  ).toEqual([{ type: 'Keyword Detector', key: 'API_TOKEN', value: '0123456789abcdefghijKLMN' }]);
});
