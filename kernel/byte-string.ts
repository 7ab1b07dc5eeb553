/**
 * Names, paths, arguments and environment are byte strings inside the kernel: one character per byte, 0..255, so that
 * names that are no UTF-8 survive. Text from outside comes in, and text for people goes out, through here.
 */

/** The UTF-8 bytes of a text, one character each. */
export function byteString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what stays as it is.
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

/** The text that a byte string holds as UTF-8; U+FFFD for what is none. */
export function textOf(bytes: string): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}
