import { describe, expect, it } from 'vitest';
import { isNoise } from '../../src/model/noise.ts';

describe('isNoise', () => {
  it.each([
    '.git/HEAD',
    'sub/.git',
    'main.js~',
    '.main.js.swp',
    '.main.js.swx',
    '4913',
    '.#main.js',
    '#main.js#',
    'main.js___jb_tmp___',
    'main.js___jb_old___',
    '.idea/workspace.xml',
    '.main.js.kate-swp',
    'main.go-go-tmp-umask',
    '.goutputstream-ABC123',
  ])('is what an editor leaves: %s', (name) => {
    expect(isNoise('/app', `/app/${name}`)).toBe(true);
  });

  it.each([
    'main.js',
    '.gitignore',
    '.github/x.yml',
    '.env',
    '4913.js',
    'a#b',
    'swp',
    '.swp.d/file',
    'x.swp.js',
  ])('is a file of the user: %s', (name) => {
    expect(isNoise('/app', `/app/${name}`)).toBe(false);
  });

  it('does not judge the folder by where it is', () => {
    expect(isNoise('/home/me/.idea/x~/app', '/home/me/.idea/x~/app/main.js')).toBe(false);
  });
});
