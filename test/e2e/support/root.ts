/** Nobody else may have a cluster, or the packages for one. */
export const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0

/** For the name of a suite that needs it; empty where it can run. */
export const whySkipped = isRootOnLinux ? '' : ' (skipped: needs root on Linux)'
