import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { ContainerRef, ContentFile } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import { readRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';

/**
 * Writes configs and secrets that are no files of this machine into a container before it starts. `texts` has what they
 * say, by their path in the stack: plans and events only name them.
 */
export async function writeContents(
  engine: EngineHttp,
  container: ContainerRef,
  files: readonly ContentFile[],
  texts: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const archive = pack();
  for (const { path, from, credentials, mode = 0o444, uid = 0, gid = 0 } of files) {
    const text = credentials ? await credentialsText(engine, signal) : texts.get(from);
    if (text === undefined) throw unknownContent(container, from);
    const name = path.replace(/^\/+/, '');
    // None at all would be taken for one that is not given; what is beyond its bits is left out of what is written.
    archive.entry({ name, type: 'file', mode: mode || 0o10000, uid, gid }, text);
  }
  archive.finalize();
  const answer = await engine.request({
    method: 'PUT',
    path: `/containers/${container.name}/archive`,
    query: { path: '/', copyUIDGID: '1' },
    headers: { 'Content-Type': 'application/x-tar' },
    body: await buffer(archive),
    signal,
  });
  if (answer.status >= 300) throw await readRefusal(answer);
  answer.body.resume();
}

/** Those that there are, as the docker CLI writes them into its configuration. */
async function credentialsText(engine: EngineHttp, signal: AbortSignal): Promise<string> {
  const auths = (await engine.credentials?.asConfig(signal)) ?? {};
  return `${JSON.stringify({ auths }, null, '\t')}\n`;
}

function unknownContent({ service }: ContainerRef, from: string) {
  return failure({
    code: 'missing-variable',
    service,
    path: from,
    message: `the variable that \`${from}\` takes its value from is not set`,
    hint: 'set it in the environment or in .env',
  });
}
