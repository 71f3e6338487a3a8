import type { AttributeOf, Config, Ipam, Model, Network, Secret, Volume } from '../../model/stack.ts';
import { listNode, type Node } from '../node.ts';
import { external, part } from './external.ts';
import { pairs } from './pairs.ts';
import {
  about,
  anything,
  fields,
  listOf,
  mapOf,
  mergeMaps,
  orNothing,
  requiring,
  type Shape,
  type Table,
  textOf,
} from './shape.ts';
import { flag, options, text, whole } from './shapes.ts';

const labels = pairs({ bare: 'blank' });

const texts = mapOf(text);

type Pool = NonNullable<Ipam['config']>[number];

const poolTable: Table<AttributeOf<Pool>> = {
  subnet: about('The addresses of the network, as ADDRESS/BITS.', text),
  gateway: about('The address of the gateway.', text),
  ip_range: about('The part of the subnet that containers get addresses from.', text),
  aux_addresses: about('Addresses of the subnet that are taken by others, by host name.', texts),
};

const poolList = listOf(fields(poolTable), { expected: 'a list of address pools' });

const ipamTable: Table<AttributeOf<Ipam>> = {
  driver: about('The driver that hands out addresses.', text),
  config: about('The pools of addresses.', {
    ...poolList,
    // A pool that the later file does not repeat is lost, as with Docker Compose 2.40.3.
    merge: mergePools,
  }),
  options: about('Options of the driver.', texts),
};

const networkTable: Table<AttributeOf<Network>> = {
  name: about('The name on the engine, without the name of the project before it.', text),
  driver: about('The driver of the network.', text),
  driver_opts: about('Options of the driver.', options('refused')),
  ipam: about('How addresses are handed out.', fields(ipamTable)),
  external: about('The network is there already and is not managed here.', external),
  internal: about('The network has no way out.', flag),
  attachable: about('Other containers may join the network.', flag),
  labels: about('Labels of the network.', labels),
  enable_ipv4: about('Use IPv4 on the network.', flag),
  enable_ipv6: about('Use IPv6 on the network.', flag),
};

const volumeTable: Table<AttributeOf<Volume>> = {
  name: about('The name on the engine, without the name of the project before it.', text),
  driver: about('The driver of the volume.', text),
  driver_opts: about('Options of the driver.', options('refused')),
  external: about('The volume is there already and is not managed here.', external),
  labels: about('Labels of the volume.', labels),
};

const configTable: Table<AttributeOf<Config>> = {
  name: about('The name outside of this stack.', text),
  file: about('The file that has the content, relative to the project directory.', text),
  environment: about('The variable that has the content.', text),
  content: about('The content.', text),
  external: about('The config is kept elsewhere.', external),
  labels: about('Labels of the config.', labels),
  template_driver: about('Kept for swarms; the engine does not look at it.', text),
};

const secretTable: Table<AttributeOf<Secret>> = {
  name: about('The name outside of this stack.', text),
  file: about('The file that has the secret, relative to the project directory.', text),
  environment: about('The variable that has the secret.', text),
  external: about('The secret is kept elsewhere.', external),
  labels: about('Labels of the secret.', labels),
  driver: about('Kept for swarms; the engine does not look at it.', text),
  driver_opts: about('Options of the driver.', options('refused')),
  template_driver: about('Kept for swarms; the engine does not look at it.', text),
};

const modelTable: Table<AttributeOf<Model>> = {
  name: about('A name for people to read.', text),
  model: about('The model, as the model runner knows it.', text),
  context_size: about('How many tokens the model looks at.', whole({ asText: false })),
  runtime_flags: about(
    'Further arguments of the model runner.',
    listOf(text, { expected: 'a list of text' }),
  ),
};

/** The networks at the top of a stack file. */
export const networks: Shape = mapOf(orNothing(part(networkTable)), named('network'));

/** The volumes at the top of a stack file. */
export const volumes: Shape = mapOf(orNothing(part(volumeTable)), named('volume'));

/** The configs at the top of a stack file. */
export const configs: Shape = mapOf(part(configTable), named('config'));

/** The secrets at the top of a stack file. */
export const secrets: Shape = mapOf(part(secretTable), named('secret'));

/** The models at the top of a stack file. */
export const models: Shape = mapOf(requiring(fields(modelTable), ['model']));

/** What the key of a part must look like. */
export function named(what: string): NonNullable<Parameters<typeof mapOf>[1]> {
  return {
    keys: {
      pattern: /^[a-zA-Z0-9._-]+$/,
      message: (key) =>
        `\`${key}\` cannot be the name of a ${what}; use letters, digits, \`.\`, \`_\` and \`-\``,
    },
  };
}

function mergePools(base: Node, over: Node): Node {
  if (base.kind !== 'list' || over.kind !== 'list') return over;
  const pools = over.items.map((pool) => {
    const subnet = textOf(pool, 'subnet');
    const same = base.items.find((other) => textOf(other, 'subnet') === subnet);
    return same === undefined ? pool : mergeMaps(same, pool, () => anything);
  });
  return listNode(pools, base);
}
