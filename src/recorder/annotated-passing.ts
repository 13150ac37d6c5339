import { Passing } from '../sampler/recording.js'
import { type Annotation, alsoSaid } from './annotation.js'

/** Who passes, and what the app says of it. */
export abstract class AnnotatedPassing extends Passing {
  annotation: Annotation | null = null

  annotate(annotation: Annotation): void {
    this.annotation = alsoSaid(this.annotation, annotation)
  }
}
