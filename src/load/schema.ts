import type { JsonSchema } from './tables/shape.ts';
import { stackFile } from './tables/tables.ts';

/** A JSON Schema of stack files for editors, made out of the tables that read them. */
export function stackSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A stack file',
    description: 'A Compose file as stack reads it: the services of a development environment.',
    ...stackFile.schema,
  };
}
