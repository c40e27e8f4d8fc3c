import { join } from 'node:path'
import type { UpChoice } from './choice.ts'
import type { Facts } from './facts.ts'
import { type Image, imageName, imageText } from './image.ts'
import { deadlines, type PlanStep } from './plan.ts'

/** Builds the image and brings it to where the cluster finds it; nothing where it is there already. */
export function imageSteps(choice: UpChoice, facts: Facts): readonly PlanStep[] {
  if (!buildsImage(choice)) return []
  const image = imageText(imageOf(choice, facts))
  return [buildStep(image, facts), ...deliverySteps(choice, facts, image)]
}

export function imageOf({ image }: UpChoice, { version }: Pick<Facts, 'version'>): Image {
  return image ?? { name: imageName, tag: version }
}

/** An image with a name of its own is somebody’s to push, unless we are told to. */
export function buildsImage({ image, push, skipImage }: UpChoice): boolean {
  return !skipImage && (image === undefined || push)
}

function buildStep(image: string, { root }: Facts): PlanStep {
  return {
    title: `Build the image ${image}`,
    command: ['docker', 'build', '--tag', image, root],
    deadlineMs: deadlines.download,
    wayOut:
      'Read docker’s words: a base image or a package that cannot be fetched needs the network or a proxy (docker build --build-arg); then run the command again.',
  }
}

function deliverySteps(choice: UpChoice, facts: Facts, image: string): readonly PlanStep[] {
  if (choice.push) return [pushStep(image)]
  switch (choice.on) {
    case 'kind':
      return [loadStep(image, choice.name)]
    case 'k0s':
      return importSteps(image, facts)
    case 'current':
      // Refused before: nobody knows where this cluster gets its images from.
      return []
  }
}

function pushStep(image: string): PlanStep {
  return {
    title: `Push ${image}`,
    command: ['docker', 'push', image],
    deadlineMs: deadlines.download,
    wayOut: 'Log in with `docker login` to the registry that the image names, then run the command again.',
  }
}

function loadStep(image: string, name: string): PlanStep {
  return {
    title: `Load ${image} into the nodes`,
    command: ['kind', 'load', 'docker-image', image, '--name', name],
    deadlineMs: deadlines.work,
    wayOut: 'Look at `docker ps` for the nodes of the cluster, then run the command again.',
  }
}

function importSteps(image: string, { workDirectory }: Facts): readonly PlanStep[] {
  const file = join(workDirectory, 'image.tar')
  const wayOut = 'Look whether there is room on the disk, then run the command again.'
  const common = { deadlineMs: deadlines.work, wayOut }
  return [
    { title: 'Save the image', command: ['docker', 'save', '--output', file, image], ...common },
    { title: 'Import it into k0s', command: ['k0s', 'ctr', 'images', 'import', file], ...common },
    { title: 'Remove the saved image', command: ['rm', '-f', file], ...common },
  ]
}
