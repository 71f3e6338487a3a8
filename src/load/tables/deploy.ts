import type {
  AttributeOf,
  Deploy,
  GenericResource,
  Limits,
  Placement,
  Reservations,
  Resources,
  RestartPolicy,
  UpdateConfig,
} from '../../model/stack.ts';
import { deviceRequests } from './devices.ts';
import { decimal } from './numbers.ts';
import { pairs } from './pairs.ts';
import { about, fields, listOf, orNothing, type Shape, type Table } from './shape.ts';
import { duration, oneOf, sizeText, text, whole } from './shapes.ts';

const updateTable: Table<AttributeOf<UpdateConfig>> = {
  parallelism: about('How many containers at a time; 0 for all of them.', whole({ min: 0 })),
  delay: about('The time between two groups of containers.', duration),
  failure_action: about('What to do if it fails: continue, pause or rollback.', text),
  monitor: about('How long a new container is watched.', duration),
  max_failure_ratio: about('The part of the containers that may fail.', decimal),
  order: about('Which of the old and the new container comes first.', oneOf('start-first', 'stop-first')),
};

const updateConfig = fields(updateTable);

const limitsTable: Table<AttributeOf<Limits>> = {
  cpus: about('How many processors it may use, as in 0.5.', decimal),
  memory: about('How much memory it may use.', sizeText),
  pids: about('How many processes it may have.', whole()),
};

type Resource = NonNullable<GenericResource['discrete_resource_spec']>;

const resourceTable: Table<AttributeOf<Resource>> = {
  kind: about('The kind of the resource.', text),
  value: about('How much of it.', whole({ cut: true })),
};

const genericTable: Table<AttributeOf<GenericResource>> = {
  discrete_resource_spec: about('A resource that can be counted.', fields(resourceTable)),
};

const reservationsTable: Table<AttributeOf<Reservations>> = {
  cpus: about('How many processors must be free for it.', decimal),
  memory: about('How much memory is kept for it.', sizeText),
  devices: about('Devices that it needs.', deviceRequests),
  generic_resources: about(
    'Resources of other kinds.',
    listOf(fields(genericTable), { expected: 'a list of resources' }),
  ),
};

const resourcesTable: Table<AttributeOf<Resources>> = {
  limits: about('What a container may use at most.', fields(limitsTable)),
  reservations: about('What a container can count on.', fields(reservationsTable)),
};

const restartTable: Table<AttributeOf<RestartPolicy>> = {
  condition: about('When to start it again: none, on-failure or any.', text),
  delay: about('The time before the next attempt.', duration),
  max_attempts: about('How many attempts.', whole({ min: 0 })),
  window: about('How long it must run for an attempt to count as a success.', duration),
};

type Preference = NonNullable<Placement['preferences']>[number];

const preferenceTable: Table<AttributeOf<Preference>> = {
  spread: about('The label over whose values containers are spread.', text),
};

const placementTable: Table<AttributeOf<Placement>> = {
  constraints: about('What a machine must be like.', listOf(text, { expected: 'a list of text' })),
  preferences: about(
    'Which machines come first.',
    listOf(fields(preferenceTable), { expected: 'a list of preferences' }),
  ),
  max_replicas_per_node: about('How many containers one machine may have.', whole({ min: 0 })),
};

const deployTable: Table<AttributeOf<Deploy>> = {
  mode: about('How containers are spread over a swarm; not used here.', text),
  replicas: about('How many containers.', whole({ min: 0 })),
  labels: about('Labels of the service in a swarm; containers do not have them.', pairs({ bare: 'blank' })),
  update_config: about('How a swarm replaces containers; not used here.', updateConfig),
  rollback_config: about('How a swarm goes back to the old containers; not used here.', updateConfig),
  resources: about('What the containers may use.', fields(resourcesTable)),
  restart_policy: about('When containers start again; it counts before `restart`.', fields(restartTable)),
  placement: about('Which machines of a swarm have the containers; not used here.', fields(placementTable)),
  endpoint_mode: about('How a swarm finds the containers; not used here.', text),
};

/** How many containers there are, and what they may use. */
export const deploy: Shape = orNothing(fields(deployTable));
