/** What a program does with profiles that there are. No app needs it while it records. */
export { diffProfiles } from './analysis/diff.js'
export { renderHtml } from './render/html.js'
export { renderText } from './render/text.js'
export {
  readProfileFile as readProfile,
  writeProfileFile as writeProfile,
} from './store/profile-file.js'
export { mergeProfiles } from './transform/merge.js'
