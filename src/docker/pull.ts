import type { Progress } from '../model/event.ts';
import type { PullImage, PushImage } from '../model/plan.ts';
import { EngineRefusal, openStream } from './api.ts';
import type { EngineHttp } from './http.ts';
import { readJsonLines } from './streams/ndjson.ts';

interface TransferMessage {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

/** Fetches an image; the progress counts bytes over all layers that are being downloaded. */
export async function pullImage(
  engine: EngineHttp,
  { image, platform }: PullImage,
  signal: AbortSignal,
  progress: (progress: Progress) => void,
): Promise<void> {
  // Without a tag the engine would fetch every tag there is.
  const query = { ...splitReference(image), platform };
  const auth = await engine.credentials?.forImage(image, signal);
  const headers = auth === undefined ? {} : { 'X-Registry-Auth': auth };
  const stream = await openStream(engine, 'POST', '/images/create', { query, headers, signal });
  await readTransfer(stream, { status: 'Downloading', text: 'downloading' }, progress);
}

/** Sends an image to its registry; the progress counts bytes over all layers that are being uploaded. */
export async function pushImage(
  engine: EngineHttp,
  { image }: PushImage,
  signal: AbortSignal,
  progress: (progress: Progress) => void,
): Promise<void> {
  const { fromImage, tag } = splitReference(image);
  // The engine wants the header even from those who have no credentials: `{}`.
  const auth = (await engine.credentials?.forImage(image, signal)) ?? 'e30=';
  const options = { query: { tag }, headers: { 'X-Registry-Auth': auth }, signal };
  const stream = await openStream(engine, 'POST', `/images/${fromImage}/push`, options);
  await readTransfer(stream, { status: 'Pushing', text: 'uploading' }, progress);
}

async function readTransfer(
  stream: AsyncIterable<Buffer>,
  { status, text }: { readonly status: string; readonly text: string },
  progress: (progress: Progress) => void,
): Promise<void> {
  const layers = new Map<string, { current: number; total: number }>();
  for await (const line of readJsonLines(stream)) {
    const message = line as TransferMessage;
    if (message.error !== undefined) throw new EngineRefusal(500, message.error);
    const { current, total } = message.progressDetail ?? {};
    if (message.status !== status || message.id === undefined || total === undefined) continue;
    layers.set(message.id, { current: current ?? 0, total });
    progress({ text, ...sum(layers.values()) });
  }
}

function splitReference(image: string): { fromImage: string; tag?: string } {
  if (image.includes('@')) return { fromImage: image };
  const colon = image.lastIndexOf(':');
  if (colon > image.lastIndexOf('/'))
    return { fromImage: image.slice(0, colon), tag: image.slice(colon + 1) };
  return { fromImage: image, tag: 'latest' };
}

function sum(layers: Iterable<{ current: number; total: number }>): { current: number; total: number } {
  let current = 0;
  let total = 0;
  for (const layer of layers) {
    current += layer.current;
    total += layer.total;
  }
  return { current, total };
}
