/**
 * CRC-32, the checksum of zlib, over a part of a buffer.
 *
 * Not `zlib.crc32`, which wants a view of that part: one object for every record that is written.
 *
 * @module
 */

const TABLE = tabulate();

/** The checksum of the bytes from `start` to before `end`. Source: RFC 1952, section 8. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/** What each byte does to the rest: eight steps of division by the polynomial, which is 0xedb88320 when bits are reversed. */
function tabulate(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest & 1) === 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
  });
}
