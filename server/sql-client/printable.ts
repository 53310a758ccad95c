/** Control characters as escapes, so that a stored text can't steer the terminal; ends of lines and tabs stay. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

function escaped(character: string): string {
  if (character === '\r') return '\\r';
  const hex = character.charCodeAt(0).toString(16).toUpperCase();
  return `\\x${hex.padStart(2, '0')}`;
}
