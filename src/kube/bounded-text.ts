/** Text of at most `maxBytes` in UTF-8, cut between characters and marked with an ellipsis where it was longer. */
export function boundedText(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  const room = Math.max(0, maxBytes - Buffer.byteLength('…'))
  const bytes = Buffer.from(text).subarray(0, room)
  // A character cut in two decodes to the replacement character at the very end.
  return `${bytes.toString('utf8').replace(/\uFFFD+$/, '')}…`
}
