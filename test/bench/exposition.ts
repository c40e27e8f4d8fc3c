/** One line of a Prometheus page. */
export interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

export function readExposition(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return []
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(
      ([, key = '', text = '']) => [key, text] as const,
    )
    return [{ name, labels: new Map(pairs), value: Number(value) }]
  })
}

/** The sum over every series of that name that `wanted` lets through. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  wanted: (sample: Sample) => boolean = () => true,
): number {
  return samples
    .filter((sample) => sample.name === name && wanted(sample))
    .reduce((sum, { value }) => sum + value, 0)
}
