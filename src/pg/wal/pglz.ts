/**
 * Undoes PostgreSQL's own compression; undefined: the bytes do not make that many.
 * Source: PostgreSQL, common/pg_lzcompress.c (pglz_decompress); the same in all versions.
 */
export function decompressed(source: Buffer, bytes: number): Buffer | undefined {
  const made = Buffer.alloc(bytes);
  let [at, to] = [0, 0];
  while (at < source.length && to < bytes) {
    let control = source.readUInt8(at++);
    for (let item = 0; item < 8 && at < source.length && to < bytes; item++, control >>= 1) {
      if ((control & 1) === 0) {
        made[to++] = source.readUInt8(at++);
        continue;
      }
      if (at + 1 >= source.length) return undefined;
      const [high, low] = [source.readUInt8(at), source.readUInt8(at + 1)];
      at += 2;
      let length = (high & 0x0f) + 3;
      if (length === 18) length += source[at++] ?? 0;
      const back = ((high & 0xf0) << 4) | low;
      if (back === 0 || back > to) return undefined;
      // Byte by byte: what is copied may overlap what it makes.
      for (const end = Math.min(bytes, to + length); to < end; to++)
        made[to] = made[to - back] ?? 0;
    }
  }
  return at === source.length && to === bytes ? made : undefined;
}
