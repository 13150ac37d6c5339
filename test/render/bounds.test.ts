import { describe, expect, test } from 'vitest'
import {
  boundsOfPart,
  boundsText,
  certaintyNote,
  exactly,
  partText,
  sumOfBounds,
} from '../../src/render/bounds.js'
import { percent } from '../../src/render/measure.js'

const text = (min: number, max: number | null) => boundsText({ min, max })

describe('a time with bounds', () => {
  test('is as exact as people read it where they nearly meet', () => {
    expect(text(152_000, 152_000)).toBe('152 ms')
    expect(text(245_100, 258_000)).toBe('258 ms')
    expect(text(245_099, 258_000)).toBe('245 to 258 ms')
    expect(text(0, 0)).toBe('0 ms')
  })

  test('is a range, or "up to" where what is sure is next to nothing', () => {
    expect(text(100_000, 152_000)).toBe('100 to 152 ms')
    expect(text(120_000, 1_200_000)).toBe('120 ms to 1.20 s')
    expect(text(0, 258_000)).toBe('up to 258 ms')
    expect(text(12_900, 258_000)).toBe('up to 258 ms')
    expect(text(12_901, 258_000)).toBe('12.9 to 258 ms')
    expect(text(120_000, null)).toBe('at least 120 ms')
  })

  test('is no range of what reads alike', () => {
    expect(text(18, 22)).toBe('0.02 ms')
    expect(boundsText({ min: 1, max: 4 }, () => '<0.1 %')).toBe('<0.1 %')
    expect(certaintyNote({ min: 18, max: 22 })).toBe('')
    expect(certaintyNote({ min: 14, max: 22 })).toBe(' (at least 0.01 ms)')
  })

  test('may be written as a share', () => {
    const share = (micros: number) => percent(micros / 1000)
    expect(boundsText({ min: 600, max: 800 }, share)).toBe('60 to 80 %')
    expect(boundsText({ min: 0, max: 800 }, share)).toBe('up to 80 %')
  })

  test('gives its parts the bounds that are sound', () => {
    expect(boundsOfPart(200, { min: 120, max: 258 })).toEqual({ min: 62, max: 200 })
    expect(boundsOfPart(100, { min: 120, max: 258 })).toEqual({ min: 0, max: 100 })
    expect(boundsOfPart(100, exactly(258))).toEqual(exactly(100))
    expect(partText(250_000, exactly(258_000), 'in f')).toBe(' in f')
    expect(partText(168_000, exactly(258_000), 'in f')).toBe(', 168 ms of it in f')
    expect(partText(168_000, { min: 0, max: 258_000 }, 'in f')).toBe(', up to 168 ms of it in f')
  })

  test('adds up, without an upper bound if one has none', () => {
    expect(sumOfBounds([exactly(3), { min: 1, max: 5 }])).toEqual({ min: 4, max: 8 })
    expect(sumOfBounds([exactly(3), { min: 1, max: null }])).toEqual({ min: 4, max: null })
    expect(sumOfBounds([])).toEqual(exactly(0))
  })
})
