/**
 * A program of Linux that deletes what its arguments name, in their order, files and empty folders alike, and ends with 1 if
 * something could not be deleted that is there. It needs nothing of the image it runs in: no shell, no library, no loader.
 * `undefined` for an architecture it was not written for; these are named as Go names them.
 */
export function unlinker(architecture: string): Buffer | undefined {
  const program = programs[architecture];
  if (program === undefined) return undefined;
  const code = Buffer.from(program.code, 'base64');
  const image = Buffer.alloc(codeOffset + code.length);
  // The header of an executable file (ELF, 64 bits, little-endian), then that of its only segment, which is all of it.
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  image.writeUInt16LE(2, 16);
  image.writeUInt16LE(program.machine, 18);
  image.writeUInt32LE(1, 20);
  image.writeBigUInt64LE(loadAddress + BigInt(codeOffset), 24);
  image.writeBigUInt64LE(BigInt(headerSize), 32);
  image.writeUInt16LE(headerSize, 52);
  image.writeUInt16LE(segmentSize, 54);
  image.writeUInt16LE(1, 56);
  image.writeUInt32LE(1, headerSize);
  image.writeUInt32LE(readAndExecute, headerSize + 4);
  image.writeBigUInt64LE(loadAddress, headerSize + 16);
  image.writeBigUInt64LE(loadAddress, headerSize + 24);
  image.writeBigUInt64LE(BigInt(image.length), headerSize + 32);
  image.writeBigUInt64LE(BigInt(image.length), headerSize + 40);
  image.writeBigUInt64LE(pageSize, headerSize + 48);
  code.copy(image, codeOffset);
  return image;
}

const headerSize = 64;
const segmentSize = 56;
const codeOffset = headerSize + segmentSize;
const loadAddress = 0x400000n;
/** The largest that any of these machines has. */
const pageSize = 0x10000n;
const readAndExecute = 5;

/**
 * For each argument: `unlinkat(AT_FDCWD, argument, 0)`; unless that worked or there is no such file, the same with
 * AT_REMOVEDIR. Then `exit(failed)`. `machine` is the number of the architecture in executable files.
 */
const programs: Readonly<Record<string, { readonly machine: number; readonly code: string }>> = {
  /*
         lea rbx, [rsp+8]       ; argv[0], which is skipped
         xor ebp, ebp
   next: add rbx, 8
         mov rsi, [rbx]
         test rsi, rsi
         jz done
         push -100
         pop rdi
         xor edx, edx
         mov eax, 263
         syscall
         test eax, eax
         jz next
         cmp eax, -2
         je next
         mov edx, 0x200
         mov eax, 263
         syscall
         test eax, eax
         jz next
         push 1
         pop rbp
         jmp next
   done: mov edi, ebp
         mov eax, 60
         syscall
  */
  amd64: {
    machine: 62,
    code: 'SI1cJAgx7UiDwwhIizNIhfZ0KmqcXzHSuAcBAAAPBYXAdOSD+P5037oAAgAAuAcBAAAPBYXAdM9qAV3ryonvuDwAAAAPBQ==',
  },
  /*
         add x19, sp, #8        ; argv[0], which is skipped
         mov w20, #0
   next: ldr x1, [x19, #8]!
         cbz x1, done
         mov w0, #-100
         mov w2, #0
         mov x8, #35
         svc #0
         cbz w0, next
         cmn w0, #2
         b.eq next
         ldr x1, [x19]
         mov w0, #-100
         mov w2, #0x200
         svc #0
         cbz w0, next
         mov w20, #1
         b next
   done: mov w0, w20
         mov x8, #93
         svc #0
  */
  arm64: {
    machine: 183,
    code: '8yMAkRQAgFJhjkD44QEAtGAMgBICAIBSaASA0gEAANRA//80HwgAMQD//1RhAkD5YAyAEgJAgFIBAADUYP7/NDQAgFLx//8X4AMUKqgLgNIBAADU',
  },
};
