import type { EngineEvent } from '../model/details.ts';
import { label } from '../model/labels.ts';
import type { ReadEventsRequest } from '../model/runtime.ts';
import { openStream } from './api.ts';
import type { EngineHttp } from './http.ts';
import { readJsonLines } from './streams/ndjson.ts';

interface RawEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly time: number;
  readonly timeNano?: number;
}

/** See `EngineInspection.readEvents`. One-off containers are left out, as with Docker Compose. */
export async function* readProjectEvents(
  engine: EngineHttp,
  { project, since, until }: ReadEventsRequest,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
  const filters = JSON.stringify({ type: ['container'], label: [`${label.project}=${project}`] });
  const query = { filters, since, until };
  const stream = await openStream(engine, 'GET', '/events', { query, signal, quick: true });
  for await (const line of readJsonLines(stream)) {
    const event = line as RawEvent;
    if (event.Actor.Attributes[label.oneOff] !== 'True') yield engineEvent(event);
  }
}

function engineEvent({ Action, Actor, time, timeNano }: RawEvent): EngineEvent {
  const attributes = Object.entries(Actor.Attributes).filter(([key]) => !key.startsWith(composePrefix));
  return {
    time: timeNano === undefined ? time * 1_000_000 : Math.floor(timeNano / 1000),
    action: Action,
    id: Actor.ID,
    service: Actor.Attributes[label.service] ?? '',
    attributes: Object.fromEntries(attributes),
  };
}

const composePrefix = 'com.docker.compose.';
