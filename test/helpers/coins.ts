import { freePort } from './free-port.ts';
import { createProject, type TestProject, testLabel } from './project.ts';

export interface CoinsProject extends TestProject {
  /** Where the page answers. */
  readonly url: string;
}

interface Count {
  readonly coins: number;
  readonly hashes: number;
}

const services = ['rng', 'hasher', 'worker', 'webui', 'redis'];

/** A copy of the example stack with a name and a port of its own; an override file puts the test's label on everything. */
export async function createCoins(): Promise<CoinsProject> {
  const port = await freePort();
  const project = createProject({ fixture: 'coins' });
  const labels = `labels: [${testLabel}=1]`;
  const built = services.filter((name) => name !== 'redis');
  project.write(
    'stack.override.yaml',
    `services:\n${services
      .map((name) => `  ${name}:\n    ${labels}\n${built.includes(name) ? `    build: {${labels}}\n` : ''}`)
      .join('')}networks:\n  default:\n    ${labels}\n`,
  );
  Object.assign(project.environment, { COINS_PORT: String(port) });
  return Object.assign(project, { url: `http://127.0.0.1:${port}` });
}

/** What the page counts now. */
export async function count(url: string): Promise<Count> {
  const answer = await fetch(`${url}/json`);
  if (!answer.ok) throw new Error(`${url}/json answered ${answer.status}`);
  return (await answer.json()) as Count;
}

/** Resolves once the count of hashes is above a number; asks again as soon as an answer is there. */
export async function countAbove(url: string, hashes: number, milliseconds = 120_000): Promise<Count> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const latest = await count(url).catch((error: Error) => error);
    if (!(latest instanceof Error) && latest.hashes > hashes) return latest;
    if (Date.now() > deadline) throw new Error(`no more than ${hashes} hashes: ${JSON.stringify(latest)}`);
  }
}
