/** Something that cannot be done, in words for the player. */
export class Fault extends Error {
  constructor(
    readonly what: string,
    words: string,
  ) {
    super(words);
  }
}
