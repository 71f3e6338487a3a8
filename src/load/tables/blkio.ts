import type { AttributeOf, BlkioConfig, DeviceRate } from '../../model/stack.ts';
import { about, fields, listOf, type Shape, type Table } from './shape.ts';
import { size, text, whole } from './shapes.ts';

const weight = whole({ min: 0, max: 65_535, asText: false });

type DeviceWeight = NonNullable<BlkioConfig['weight_device']>[number];

const weightTable: Table<AttributeOf<DeviceWeight>> = {
  path: about('The device.', text),
  weight: about('Its weight, from 10 to 1000.', weight),
};

const rateTable: Table<AttributeOf<DeviceRate>> = {
  path: about('The device.', text),
  rate: about('The highest rate in a second.', size({ exact: true })),
};

const rates = listOf(fields(rateTable), { expected: 'a list of devices and their rates' });

const blkioTable: Table<AttributeOf<BlkioConfig>> = {
  weight: about('The weight of this container against others, from 10 to 1000.', weight),
  weight_device: about(
    'Weights for single devices.',
    listOf(fields(weightTable), { expected: 'a list of devices and their weights' }),
  ),
  device_read_bps: about('How many bytes may be read from devices in a second.', rates),
  device_read_iops: about('How often devices may be read in a second.', rates),
  device_write_bps: about('How many bytes may be written to devices in a second.', rates),
  device_write_iops: about('How often devices may be written in a second.', rates),
};

/** How much of the disks a container may use. */
export const blkio: Shape = fields(blkioTable);
