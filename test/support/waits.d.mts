export interface Peers {
  stop(): Promise<void>
}
export const KINDS: Record<string, (peers: Peers) => Promise<void>>
export function burn(ms: number): number
export function sleep(ms: number): Promise<void>
export function startPeers(): Promise<Peers>
