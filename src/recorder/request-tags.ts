/** What a framework's file notes on its requests, and no app can see. */
export { createTags as createRequestTags } from '../sampler/async/object-tags.js'
