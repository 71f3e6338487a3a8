/**
 * Puts a note into an executable file of a Linux of 64 bits. Node.js finds there the program that it is to run
 * (https://nodejs.org/api/single-executable-applications.html).
 *
 * What a running program can see is what a segment maps, so the note comes with a segment of its own, at the end of the file
 * together with a new table of all segments: in the old one there is no room. It is mapped as far behind its place in the file as
 * the beginning is, by which kernels before 5.18 find the table.
 */
export function withNote(executable: Buffer, name: string, content: Buffer): Buffer {
  if (executable.readUInt32BE(0) !== 0x7f454c46 || executable[4] !== 2 || executable[5] !== 1)
    throw new Error('This is no executable file of a Linux of 64 bits.');
  const table = Number(executable.readBigUInt64LE(at.table));
  const count = executable.readUInt16LE(at.count);
  const segments = Array.from({ length: count }, (_, index) =>
    Buffer.from(executable.subarray(table + index * entry, table + (index + 1) * entry)),
  );
  const mapped = segments.filter((segment) => segment.readUInt32LE(0) === type.load);
  const [first] = mapped;
  if (first === undefined) throw new Error('This executable file maps nothing.');
  const ahead = numberIn(first, field.address) - numberIn(first, field.offset);
  const end = Math.max(...mapped.map((one) => numberIn(one, field.address) + numberIn(one, field.memory)));
  const place = roundUp(Math.max(executable.length, end - ahead), page);

  const note = noteOf(name, content);
  const size = (count + 2) * entry;
  for (const segment of segments)
    if (segment.readUInt32LE(0) === type.table) locate(segment, place, ahead, size);
  const added = [
    locate(newSegment(type.load, page), place, ahead, size + note.length),
    locate(newSegment(type.note, 4), place + size, ahead, note.length),
  ];
  const head = Buffer.from(executable.subarray(0, headerSize));
  head.writeBigUInt64LE(BigInt(place), at.table);
  head.writeUInt16LE(count + 2, at.count);
  const padding = Buffer.alloc(place - executable.length);
  return Buffer.concat([head, executable.subarray(headerSize), padding, ...segments, ...added, note]);
}

const headerSize = 64;
const entry = 56;
const page = 0x1000;
const at = { table: 0x20, count: 0x38 };
const type = { load: 1, note: 4, table: 6 };
const readable = 4;
/** Where the fields of a segment are. */
const field = { flags: 4, offset: 8, address: 16, physical: 24, file: 32, memory: 40, alignment: 48 };

function newSegment(kind: number, alignment: number): Buffer {
  const segment = Buffer.alloc(entry);
  segment.writeUInt32LE(kind, 0);
  segment.writeUInt32LE(readable, field.flags);
  segment.writeBigUInt64LE(BigInt(alignment), field.alignment);
  return segment;
}

function locate(segment: Buffer, offset: number, ahead: number, size: number): Buffer {
  segment.writeBigUInt64LE(BigInt(offset), field.offset);
  for (const one of [field.address, field.physical]) segment.writeBigUInt64LE(BigInt(offset + ahead), one);
  for (const one of [field.file, field.memory]) segment.writeBigUInt64LE(BigInt(size), one);
  return segment;
}

function noteOf(name: string, content: Buffer): Buffer {
  const label = Buffer.from(`${name}\0`);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(label.length, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, padded(label), padded(content)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(roundUp(bytes.length, 4) - bytes.length)]);
}

function numberIn(segment: Buffer, offset: number): number {
  return Number(segment.readBigUInt64LE(offset));
}

function roundUp(number: number, unit: number): number {
  return Math.ceil(number / unit) * unit;
}
