/** A script that is built on its own, by its address. */
declare module '*?worker&url' {
  const url: string
  export default url
}
