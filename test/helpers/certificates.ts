import { execFileSync, spawnSync } from 'node:child_process';

const openssl = 'openssl';

export const hasOpenssl = spawnSync(openssl, ['version']).status === 0;

/** An authority, and what it gives to the engine and to the user; for an hour's use only. */
export function makeCertificates(at: string): void {
  const run = (...words: string[]) => execFileSync(openssl, words, { cwd: at, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=test authority',
    '-days',
    '1',
  );
  for (const [name, prefix] of [
    ['engine', 'server-'],
    ['user', ''],
  ] as const) {
    const [request, extensions] = [`${name}.csr`, `${name}.ext`];
    run('req', ...key, '-keyout', `${prefix}key.pem`, '-out', request, '-subj', `/CN=${name}`);
    execFileSync('sh', ['-c', `printf 'subjectAltName=IP:127.0.0.1' > ${extensions}`], { cwd: at });
    const signed = [
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca-key.pem',
      '-CAcreateserial',
      '-days',
      '1',
      '-extfile',
      extensions,
    ];
    run('x509', '-req', '-in', request, ...signed, '-out', `${prefix}cert.pem`);
  }
}
