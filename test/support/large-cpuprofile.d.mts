export interface Size {
  readonly samples: number
  readonly nodes: number
  readonly depth?: number
  readonly siblings?: number
}
export function largeCpuprofile(size: Size): string
