export const maxFileBytes = 16 * 1024 * 1024

/** One file as read. `path` is as a person would write it from the working directory; `<stdin>` for `-`. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}
