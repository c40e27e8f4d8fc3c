/**
 * How the users of another tool write what this type keeps: ConfigMaps that bear its label, in which every data key is a file, and
 * every file one entry. With the label `infometis.component` beside it such a ConfigMap is a document as it stands.
 */
export interface FilesShape {
  readonly label: string
  /** Annotations of the ConfigMap that say something of its files. */
  readonly annotations: readonly string[]
  /** Pure: the entry that a file stands for, without its definition; or why it is none. */
  entry(file: ShapedFile): ShapedEntry | { readonly message: string }
}

export interface ShapedFile {
  /** The data key, without `.gz`. */
  readonly key: string
  /** Undefined: it cannot be read. Its entry is then named by the key alone. */
  readonly content: unknown
  readonly annotations: Readonly<Record<string, string>>
}

export interface ShapedEntry {
  readonly name: string
  readonly value: Readonly<Record<string, unknown>>
}
