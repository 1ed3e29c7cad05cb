//go:build race

package regex

const raceEnabled = true // sync.Pool drops at random
